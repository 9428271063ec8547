import { createServer, request as ask, type IncomingHttpHeaders, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { eq } from "drizzle-orm"
import { afterAll, beforeAll, expect, test } from "vitest"

import { write } from "@/db"
import { files } from "@/db/schema"
import { fromNow } from "@/lib/clock"
import { filePath } from "@/lib/files/address"
import type { File } from "@/lib/files/file"
import { putOutput } from "@/lib/files/output"
import { anAccount } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { answerFile } from "./handler"

let server: Server
let port: number
let file: File

beforeAll(async () => {
  server = createServer((request, response) => void answerFile(request, response))
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  port = (server.address() as AddressInfo).port
  file = await anOutput("a b.html", "text/html; charset=utf-8", "<script>alert(1)</script>")
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function anOutput(name: string, content_type: string, content: string): Promise<File> {
  const run = await aRun((await anAccount()).actor)
  return (await putOutput(run, { name, content_type }, Readable.from([Buffer.from(content)]))).file
}

type Answer = { status: number; headers: IncomingHttpHeaders; text: string }
const call = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  new Promise<Answer>((resolve, reject) => {
    ask({ port, host: "127.0.0.1", path, method, headers, agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
      .on("error", reject)
      .end()
  })

test("a file is shown as what it is, to pages of any site, and can do nothing where it is shown", async () => {
  const { status, headers, text } = await call(filePath(file))
  expect([status, text]).toEqual([200, "<script>alert(1)</script>"])
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "content-length": "25",
    "content-disposition": "inline; filename*=UTF-8''a%20b.html",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "accept-ranges": "bytes",
    etag: `"${file.sha256}"`,
  })
  expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none';/)
  expect(headers["set-cookie"]).toBeUndefined()
})

test.each([
  ["bytes=0-6", 206, "<script", "bytes 0-6/25"],
  ["bytes=16-", 206, "</script>", "bytes 16-24/25"],
  ["bytes=-9", 206, "</script>", "bytes 16-24/25"],
  ["bytes=25-30", 416, "", "bytes */25"],
  ["bytes=0-1,3-4", 200, "<script>alert(1)</script>", undefined],
])("the range %s is answered with %i", async (range, status, text, part) => {
  const answer = await call(filePath(file), { range })
  expect([answer.status, answer.text, answer.headers["content-range"]]).toEqual([status, text, part])
})

test("who has it already is told so, and a part of another content is not sent as one of this", async () => {
  const etag = `"${file.sha256}"`
  const known = await call(filePath(file), { "if-none-match": `W/${etag}` })
  expect([known.status, known.text]).toEqual([304, ""])
  expect((await call(filePath(file), { range: "bytes=0-6", "if-range": etag })).status).toBe(206)
  expect((await call(filePath(file), { range: "bytes=0-6", "if-range": '"other"' })).status).toBe(200)
})

test("HEAD, OPTIONS and what is not understood", async () => {
  expect(await call(filePath(file), {}, "HEAD")).toMatchObject({
    status: 200,
    text: "",
    headers: { "content-length": "25" },
  })
  expect((await call(filePath(file), {}, "OPTIONS")).headers["access-control-allow-methods"]).toContain("GET")
  expect(await call(filePath(file), {}, "DELETE")).toMatchObject({
    status: 405,
    headers: { allow: "GET, HEAD, OPTIONS" },
  })
})

test("an empty file has an answer without a body", async () => {
  const empty = await anOutput("empty.txt", "text/plain", "")
  expect(await call(filePath(empty))).toMatchObject({ status: 200, text: "", headers: { "content-length": "0" } })
})

test("what is not there, is no address, or has expired is missing, and says nothing else", async () => {
  const gone = await anOutput("gone.txt", "text/plain", "x")
  await write(
    async (tx) =>
      void (await tx
        .update(files)
        .set({ expires_at: fromNow(-1) })
        .where(eq(files.id, gone.id))),
  )
  for (const path of [
    filePath(gone),
    "/files",
    "/files/",
    `/files/${file.secret}`,
    `/files/${file.secret}/other.html`,
    `/files/${file.secret}/%`,
    `/files/${file.id}/a%20b.html`,
    `/files/${"0".repeat(26)}/a%20b.html`,
    "/files/../v1/account",
  ]) {
    const { status, headers } = await call(path)
    expect([path, status, headers["content-type"]]).toEqual([path, 404, "application/problem+json"])
    expect(headers.etag).toBeUndefined()
  }
})

test("a reader who leaves does no harm", async () => {
  const large = await anOutput("large.bin", "application/octet-stream", "x".repeat(8_000_000))
  await new Promise<void>((left) => {
    const reading = ask({ port, host: "127.0.0.1", path: filePath(large), agent: false }, (response) => {
      response.once("data", () => {
        response.destroy()
        left()
      })
    })
    reading.on("error", () => {}).end()
  })
  expect((await call(filePath(file))).status).toBe(200)
})
