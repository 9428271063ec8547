import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"

import { dockerApi, registryAuth, unframed } from "./docker-api"

let close: (() => Promise<void>) | undefined
afterEach(async () => close?.())

async function engine(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const folder = mkdtempSync(join(tmpdir(), "us-"))
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  const socket = join(folder, "docker.sock")
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const api = dockerApi(socket)
  close = async () => {
    await api.close()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { api, asked }
}
async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of source) list.push(item)
  return list
}
const version = (ApiVersion: string, MinAPIVersion?: string) => JSON.stringify({ ApiVersion, MinAPIVersion })

test.each([
  ["1.41", "1.12", "1.41"],
  ["1.52", "1.44", "1.47"],
  ["1.60", "1.50", "1.50"],
  ["1.41", undefined, "1.41"],
])("an engine of %s that knows nothing below %s is spoken to in %s", async (newest, oldest, spoken) => {
  const { api, asked } = await engine((request, response) =>
    response.end(request.url === "/version" ? version(newest, oldest) : "{}"),
  )
  await api.json("GET", "/info", { query: { a: 1, b: undefined, c: ["x", "y"] } })
  await api.json("GET", "/info")
  expect(asked).toEqual(["GET /version", `GET /v${spoken}/info?a=1&c=x&c=y`, `GET /v${spoken}/info`])
})

test("what an engine refuses is told in its own words", async () => {
  const { api } = await engine((request, response) => {
    if (request.url === "/version") return response.end(version("1.41"))
    response.writeHead(409).end('{"message":"Conflict. The name is already in use."}')
  })
  await expect(api.json("POST", "/containers/create")).rejects.toMatchObject({
    status: 409,
    message: "Conflict. The name is already in use.",
  })
})

test("lines come as they come, also in halves", async () => {
  const { api } = await engine((request, response) => {
    if (request.url === "/version") return response.end(version("1.41"))
    response.write('{"a":1}\r\n{"b"')
    setTimeout(() => response.end(':"ä"}\n\n{"c":3}'), 20)
  })
  expect(await all(api.lines("GET", "/events"))).toEqual([{ a: 1 }, { b: "ä" }, { c: 3 }])
})

test("a log is what stands between its frames, wherever they are cut", async () => {
  const frame = (text: string) => {
    const header = Buffer.alloc(8)
    header[0] = 1
    header.writeUInt32BE(Buffer.byteLength(text), 4)
    return Buffer.concat([header, Buffer.from(text)])
  }
  const log = Buffer.concat(["one\n", "", "two ✓\n", "x".repeat(300)].map(frame))
  for (const size of [1, 7, 1000]) {
    async function* pieces() {
      for (let at = 0; at < log.length; at += size) yield log.subarray(at, at + size)
    }
    expect(Buffer.concat(await all(unframed(pieces()))).toString()).toBe(`one\ntwo ✓\n${"x".repeat(300)}`)
  }
})

test("a credential for a registry is base64url with its padding, without which engines ignore it", () => {
  const header = registryAuth({ username: "ü?>", password: "p", serveraddress: "h" })
  expect(header).toMatch(/^[\w-]+={0,2}$/)
  expect(header.length % 4).toBe(0)
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({ username: "ü?>" })
})
