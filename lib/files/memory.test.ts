import { spawn } from "node:child_process"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Readable } from "node:stream"
import { expect, test } from "vitest"

import { newId } from "@/lib/id"
import type { StoredContent } from "./contents"
import { contentStore } from "./content-store"

const megabyte = 1024 * 1024
/** Smaller for a bucket, because that of the tests is slow and keeps everything in memory. */
const size = (process.env.S3_BUCKET ? 200 : 1024) * megabyte

/** A program that sends `count` blocks of a megabyte. */
const sender = `
const [port, count] = process.argv.slice(1).map(Number)
const block = Buffer.alloc(1 << 20, "content ")
const { request } = require("node:http")
const { Readable } = require("node:stream")
const blocks = function* () { for (let n = 0; n < count; n++) yield block }
const sending = request({ port, host: "127.0.0.1", method: "PUT" }, (response) => response.resume())
Readable.from(blocks(), { objectMode: false }).pipe(sending)
`

/**
 * Sends a large file over a connection, as a model does. Returns the result of `receive` and the additional memory in
 * megabytes.
 */
async function overTheWire(size: number, receive: (body: Readable) => Promise<StoredContent>) {
  const { promise, resolve, reject } = Promise.withResolvers<StoredContent>()
  const server = createServer((incoming, response) => {
    receive(incoming).then(resolve, reject)
    void promise.finally(() => response.end()).catch(() => {})
  })
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  const { port } = server.address() as AddressInfo

  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
  const child = spawn(process.execPath, ["-e", sender, String(port), String(size / megabyte)], { stdio: "inherit" })
  const kept = await promise
  clearInterval(watch)
  await new Promise((ended) => child.once("exit", ended))
  server.close()
  return { kept, more: (most - before) / megabyte }
}

test("a large file is kept as it arrives, with at most 64 MB more memory", async () => {
  const keep = (body: Readable) => contentStore().put(newId(), body, Infinity)
  // A small file first, so that memory used once is not counted.
  await contentStore().remove((await overTheWire(16 * megabyte, keep)).kept.stored_as)
  const { kept, more } = await overTheWire(size, keep)
  expect(kept.size).toBe(size)
  expect(more).toBeLessThanOrEqual(64)
  await contentStore().remove(kept.stored_as)
}, 300_000)
