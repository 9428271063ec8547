import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"
import { afterEach, describe, expect, test, vi } from "vitest"

import { databaseHandle } from "@/db"
import { anAccount } from "@/lib/test/factories"
import { answerCached } from "./page-cache"

let server: Server
/** Stands in for the version of the database, to which other tests write at the same time. */
let version = 1
let origin: string
let rendered = 0

type Render = (request: IncomingMessage, response: ServerResponse, nonce: string) => void

/** Stands in for Next: sends a page in two pieces, with the nonce in its scripts. */
const page: Render = (_request, response, nonce) => {
  const number = ++rendered
  response.setHeader("content-type", "text/html; charset=utf-8")
  response.setHeader("link", `</font>; rel=preload; nonce="${nonce}"`)
  response.write(`<p>page ${number}</p>`)
  setTimeout(() => response.end(`<script nonce="${nonce}"></script>`), 50)
}

/** A server that sends pages as server.mjs does. */
async function serve(render: Render = page) {
  rendered = 0
  server = createServer((request, response) => {
    const nonce = randomBytes(16).toString("base64url")
    response.setHeader("x-nonce", nonce)
    answerCached(
      request,
      response,
      nonce,
      () => render(request, response, nonce),
      () => `${version}`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const path = () => `/${randomBytes(8).toString("hex")}/model`

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await fetch(origin + url, { headers: { "accept-encoding": "identity", ...headers } })
  const body = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, headers: answer.headers, body: String(body), nonce: answer.headers.get("x-nonce")! }
}

test("every write is another version of the database", async () => {
  await serve()
  const before = await databaseHandle().version()
  await anAccount()
  expect(await databaseHandle().version()).not.toBe(before)
})

describe("a page for signed-out visitors", () => {
  test("is rendered once, and every answer has a nonce of its own", async () => {
    await serve()
    const url = path()
    const answers = [await get(url), await get(url), await get(url)]
    expect(rendered).toBe(1)
    expect(new Set(answers.map(({ nonce }) => nonce)).size).toBe(3)
    for (const { status, headers, body, nonce } of answers) {
      expect(status).toBe(200)
      expect(body).toBe(`<p>page 1</p><script nonce="${nonce}"></script>`)
      expect(headers.get("link")).toContain(`nonce="${nonce}"`)
      expect(headers.get("content-type")).toContain("text/html")
    }
  })

  test("is rendered once for all who ask while it is rendered", async () => {
    await serve()
    const url = path()
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(url)))
    expect(new Set(answers.map(({ body }) => body.slice(0, 13)))).toEqual(new Set(["<p>page 1</p>"]))
    expect(rendered).toBe(1)
  })

  test("is rendered again after any write", async () => {
    await serve()
    const url = path()
    await get(url)
    version++
    expect((await get(url)).body).toContain("page 2")
  })

  test("that is being rendered while something is written is not for those who ask afterwards", async () => {
    await serve()
    const url = path()
    const first = get(url)
    await vi.waitFor(() => expect(rendered).toBe(1))
    version++
    expect((await get(url)).body).toContain("page 2")
    expect((await first).body).toContain("page 1")
    expect((await get(url)).body).toContain("page 2")
  })

  test.each([
    ["a cookie", { cookie: "theme=dark" }],
    ["a token", { authorization: "Bearer x" }],
    ["a fetch of Next's router", { rsc: "1" }],
    ["a prefetch of Next's router", { "next-router-prefetch": "1" }],
  ])("is not cached for a request with %s", async (_, headers) => {
    await serve()
    const url = path()
    await get(url)
    expect((await get(url, headers as Record<string, string>)).body).toContain("page 2")
    expect((await get(url)).body).toContain("page 1")
  })

  test.each([
    "/account",
    "/create",
    "/signin",
    "/signup?next=/create",
    "/p/abcdefgh",
    "/admin/users",
    "/invitations/x",
  ])("is never cached at %s", async (url) => {
    await serve()
    await get(url)
    await get(url)
    expect(rendered).toBe(2)
  })

  test("depends on the address that it was asked at", async () => {
    await serve()
    const url = path()
    await get(url)
    await get(url, { "x-forwarded-host": "models.example.com" })
    expect(rendered).toBe(2)
  })

  test.each<[string, Render]>([
    ["is missing", (_, response) => void (response.statusCode = 404)],
    ["sets a cookie", (_, response) => void response.setHeader("set-cookie", "a=b")],
  ])("that %s is sent and not cached", async (_, prepare) => {
    await serve((request, response, nonce) => {
      prepare(request, response, nonce)
      page(request, response, nonce)
    })
    const url = path()
    for (const number of [1, 2]) expect((await get(url)).body).toContain(`page ${number}</p><script nonce=`)
  })

  test("that is too large is sent whole and not cached", async () => {
    await serve((_request, response, nonce) => {
      const number = ++rendered
      response.setHeader("content-type", "text/html")
      for (let megabytes = 0; megabytes < 3; megabytes++) response.write("x".repeat(1_000_000))
      response.end(`page ${number} <script nonce="${nonce}"></script>`)
    })
    const url = path()
    for (const number of [1, 2]) {
      const { body } = await get(url)
      expect(body.length).toBeGreaterThan(3_000_000)
      expect(body).toContain(`page ${number} <script nonce=`)
    }
  })

  test("is compressed for those who can read it", async () => {
    await serve()
    const url = path()
    for (let times = 0; times < 2; times++) {
      const answer = await new Promise<{ body: Buffer; encoding: unknown }>((resolve) => {
        void import("node:http").then(({ get }) =>
          get(origin + url, { headers: { "accept-encoding": "gzip" } }, (response) => {
            const chunks: Buffer[] = []
            response.on("data", (chunk: Buffer) => chunks.push(chunk))
            response.on("end", () =>
              resolve({ body: Buffer.concat(chunks), encoding: response.headers["content-encoding"] }),
            )
          }),
        )
      })
      expect(answer.encoding).toBe("gzip")
      expect(String(gunzipSync(answer.body))).toContain("<p>page 1</p>")
    }
  })

  test("whose first visitor leaves is rendered for the others", async () => {
    let leave: (() => void) | undefined
    await serve((request, response, nonce) => {
      if (leave) return page(request, response, nonce)
      rendered++
      leave = () => response.destroy()
    })
    const url = path()
    const first = get(url)
    await vi.waitFor(() => expect(leave).toBeDefined())
    const second = get(url)
    await new Promise((resume) => setTimeout(resume, 50))
    leave!()
    await expect(first).rejects.toThrow()
    expect((await second).body).toContain("page 2")
  })
})
