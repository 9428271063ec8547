import { randomBytes } from "node:crypto"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { expect, test } from "vitest"

import { newId } from "@/lib/id"
import type { Kept } from "./contents"
import { ownContents } from "./own-contents"

const megabyte = 1024 * 1024
/** A bucket gets less, because the one of the tests keeps all of it in memory and takes its time. */
const size = (process.env.S3_BUCKET ? 200 : 1024) * megabyte

/** Sends a large file over a connection, as a model does, and answers what `receive` makes of it and how much more memory that took. */
async function overTheWire(receive: (body: Readable) => Promise<Kept>) {
  const block = randomBytes(megabyte)
  let kept: Promise<Kept> | undefined
  const server = createServer((incoming, response) => {
    kept = receive(incoming)
    kept.finally(() => response.end()).catch(() => {})
  })
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  const { port } = server.address() as AddressInfo

  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
  const blocks = function* () {
    for (let sent = 0; sent < size; sent += megabyte) yield block
  }
  await new Promise<void>((done, fail) => {
    const sending = request({ port, host: "127.0.0.1", method: "PUT" }, (response) => response.resume().on("end", done))
    sending.on("error", fail)
    Readable.from(blocks(), { objectMode: false }).pipe(sending)
  })
  clearInterval(watch)
  server.close()
  return { kept: await kept!, more: (most - before) / megabyte }
}

test("a large file is kept as it arrives, with at most 64 MB more memory", async () => {
  const { kept, more } = await overTheWire((body) => ownContents().keep(newId(), body, Infinity))
  expect(kept.size).toBe(size)
  expect(more).toBeLessThanOrEqual(64)
  await ownContents().remove(kept.stored_as)
}, 300_000)
