import { createServer, request as send, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"

import { maxFormBytes, maxVisitorFormBytes, refuseLargeForm } from "./form-size.mjs"

/** Responds with the number of bytes received; like Next, with 500 once it has read more than the limit. */
const server = createServer((request, response) => {
  const most = request.headers.cookie ? maxFormBytes : maxVisitorFormBytes
  if (refuseLargeForm(request.url!, request, response, most)) return
  let size = 0
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size > maxFormBytes && request.url !== "/hooks/secret") response.writeHead(500).end("Internal Server Error")
  })
  request.on("end", () => response.writableEnded || response.end(String(size)))
})
beforeAll(() => new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function post(path: string, size: number, headers: Record<string, string>, isChunked = false) {
  const { port } = server.address() as AddressInfo
  return new Promise<{ status: number; type: string | undefined; text: string }>((resolve, reject) => {
    const length = isChunked ? { "transfer-encoding": "chunked" } : { "content-length": size }
    const read = (response: IncomingMessage) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode!, type: response.headers["content-type"], text }))
    }
    send({ port, host: "127.0.0.1", path, method: "POST", headers: { ...headers, ...length } }, read)
      .on("error", reject)
      .end(Buffer.alloc(size))
  })
}

const visitor = { "content-type": "multipart/form-data; boundary=x" }
const form = { ...visitor, cookie: "session" }
const scripted = { ...form, "next-action": "40" }

for (const isChunked of [false, true]) {
  const how = isChunked ? "of unknown length" : "of known length"

  test(`a form ${how} that is too large gets a page of ours`, async () => {
    const answer = await post("/create", maxFormBytes + 1, form, isChunked)
    expect([answer.status, answer.type]).toEqual([413, "text/html; charset=utf-8"])
    expect(answer.text).toContain("This form is larger than 1 MB, so nothing was saved.")
  })

  test(`scripts that send one ${how} get a sentence, wherever they send it`, async () => {
    for (const path of ["/create", "/hooks/secret"]) {
      const answer = await post(path, maxFormBytes + 1, scripted, isChunked)
      expect([answer.status, answer.type]).toEqual([413, "text/plain"])
      expect(answer.text).toMatch(/^This form is larger than 1 MB, so nothing was saved\. .*\.$/)
    }
  })

  test(`a form ${how} as large as it may be is read`, async () => {
    expect(await post("/create", maxFormBytes, form, isChunked)).toMatchObject({
      status: 200,
      text: String(maxFormBytes),
    })
  })

  test(`a visitor's form ${how} is smaller`, async () => {
    expect(await post("/signin", maxVisitorFormBytes, visitor, isChunked)).toMatchObject({ status: 200 })
    for (const headers of [visitor, { ...visitor, "next-action": "40" }]) {
      const answer = await post("/signin", maxVisitorFormBytes + 1, headers, isChunked)
      expect(answer.status).toBe(413)
      expect(answer.text).toContain("This form is larger than 64 kB, and you are not signed in, so nothing was saved.")
    }
  })

  test(`what has a limit of its own is read, ${how}`, async () => {
    expect(await post("/hooks/secret", maxFormBytes + 1, form, isChunked)).toMatchObject({ status: 200 })
  })
}
