import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
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
    request.headers["x-understudy-form-key"] = randomBytes(16).toString("base64url")
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

test("a page that nobody requests again is not kept", async () => {
  setFlagsFromString("--expose-gc")
  const collectGarbage = runInNewContext("gc") as () => void
  await serve()
  const sent: WeakRef<Buffer>[] = []
  server.prependListener("request", (_request, response) => {
    const { end } = response
    response.end = ((body: Buffer) => {
      sent.push(new WeakRef(body))
      return end.call(response, body, "utf8")
    }) as typeof end
  })
  for (let n = 0; n < 8; n++) await get(path())
  const kept = async () => {
    await new Promise((resume) => setTimeout(resume, 50))
    collectGarbage()
    return sent.filter((page) => page.deref() !== undefined).length
  }
  expect(sent).toHaveLength(8)
  expect(await kept()).toBeGreaterThan(0)
  await vi.waitFor(async () => expect(await kept()).toBe(0), 30_000)
})

test("every character arrives as it was rendered, the first time and when the page is sent again", async () => {
  const text = "<p>ü, “so”, 日本語, 😀, \u0080\u00ff</p>"
  await serve((_request, response, nonce) => {
    response.setHeader("content-type", "text/html")
    response.end(`${text}<i nonce="${nonce}"></i><script src="/_next/static/a.js" async=""></script></body></html>`)
  })
  const url = path()
  for (const { body } of [await get(url), await get(url)])
    expect(body).toMatch(new RegExp(`^${text}<i nonce="[^"]+"></i><script nonce=.*"/_next/static/a.js"`))
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
    await vi.waitFor(() => expect(rendered).toBe(1), { timeout: 30_000 })
    version++
    expect((await get(url)).body).toContain("page 2")
    expect((await first).body).toContain("page 1")
    expect((await get(url)).body).toContain("page 2")
  })

  test.each([
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
    await vi.waitFor(() => expect(leave).toBeDefined(), { timeout: 30_000 })
    const second = get(url)
    await new Promise((resume) => setTimeout(resume, 50))
    leave!()
    await expect(first).rejects.toThrow()
    expect((await second).body).toContain("page 2")
  })
})

describe("a page for a viewer with cookies", () => {
  const alice = { cookie: "understudy.session=alice; theme=dark" }
  const bob = { cookie: "understudy.session=bob; theme=dark" }

  test("is rendered once for exactly these cookies, and for nobody else", async () => {
    await serve()
    const url = path()
    for (const [headers, number] of [
      [alice, 1],
      [bob, 2],
      [{}, 3],
      [{ cookie: "theme=dark" }, 4],
      [{ cookie: `${alice.cookie}; other=1` }, 5],
      [{ cookie: "theme=dark; understudy.session=alice" }, 6],
    ] as const)
      for (let times = 0; times < 2; times++) {
        const { body, nonce } = await get(url, headers)
        expect(body).toBe(`<p>page ${number}</p><script nonce="${nonce}"></script>`)
      }
    expect((await get(url, alice)).body).toContain("page 1")
    expect(rendered).toBe(6)
  })

  test("that is being rendered is not for another viewer who asks meanwhile", async () => {
    await serve()
    const url = path()
    const answers = await Promise.all([alice, bob, alice, bob].map((viewer) => get(url, viewer)))
    expect(answers.map(({ body }) => body.slice(8, 9))).toEqual(["1", "2", "1", "2"])
  })

  test("is rendered again after any write, such as the end of the session or of a membership", async () => {
    await serve()
    const url = path()
    await get(url, alice)
    version++
    expect((await get(url, alice)).body).toContain("page 2")
  })

  test("is rendered again after two seconds, in which a session may have expired", async () => {
    await serve()
    const url = path()
    await get(url, alice)
    await new Promise((resume) => setTimeout(resume, 2100))
    expect((await get(url, alice)).body).toContain("page 2")
  })

  test("stays private, and each answer has a key of its own for its form", async () => {
    await serve((request, response, nonce) => {
      response.setHeader("cache-control", "private, no-cache, no-store, max-age=0, must-revalidate")
      response.setHeader("content-type", "text/html")
      rendered++
      response.end(`<script nonce="${nonce}">${request.headers["x-understudy-form-key"] as string}</script>`)
    })
    const url = `/create?name=${randomBytes(8).toString("hex")}`
    const answers = [await get(url, alice), await get(url, alice), await get(url, alice)]
    expect(rendered).toBe(1)
    expect(new Set(answers.map(({ body }) => /[\w-]{22}(?=<)/.exec(body)![0])).size).toBe(3)
    for (const { headers } of answers) expect(headers.get("cache-control")).toContain("private, no-cache, no-store")
  })

  test("that sets a cookie is for one answer", async () => {
    await serve((request, response, nonce) => {
      response.setHeader("set-cookie", "flash=")
      page(request, response, nonce)
    })
    const url = path()
    for (const number of [1, 2]) expect((await get(url, alice)).body).toContain(`page ${number}`)
  })

  test.each(["/create", "/explore", "/alice", "/alice/model", "/alice/model?created=1"])(
    "is cached at %s",
    async (url) => {
      await serve()
      version++
      for (let times = 0; times < 2; times++) await get(url, alice)
      expect(rendered).toBe(1)
    },
  )

  // Secrets, sessions, runs, and what one administers.
  test.each([
    "/",
    "/account",
    "/account/api-tokens",
    "/account/security",
    "/admin/users",
    "/organizations/acme/members",
    "/invitations/x",
    "/signin/code",
    "/signin/reset/x",
    "/api/auth/callback/github",
    "/p/abcdefgh",
    "/predictions",
    "/deployments/alice/model",
    "/trainings/x",
    "/alice/model/playground",
    "/alice/model/settings",
    "/alice/model/train",
    "/alice/model/versions",
  ])("is never cached at %s", async (url) => {
    await serve()
    for (let times = 0; times < 2; times++) await get(url, alice)
    expect(rendered).toBe(2)
  })

  test.each([
    ["POST", {}],
    ["HEAD", {}],
    ["GET", { rsc: "1" }],
    ["GET", { authorization: "Bearer x" }],
  ])("is not cached for a %s with %o", async (method, headers) => {
    await serve()
    const url = path()
    await get(url, alice)
    await fetch(origin + url, { method, headers: { ...alice, ...headers } as Record<string, string> })
    expect(rendered).toBe(2)
  })

  test("leaves the pages of others in the cache, however many one viewer opens", async () => {
    await serve((_request, response, nonce) => {
      const number = ++rendered
      response.setHeader("content-type", "text/html")
      response.end(`${"x".repeat(100_000)} page ${number} <script nonce="${nonce}"></script>`)
    })
    const url = path()
    await Promise.all([get(url), get(url, bob)])
    const first = path()
    await get(first, alice)
    for (let times = 0; times < 5; times++) await get(path(), alice)
    const before = rendered
    await Promise.all([get(url), get(url, bob)])
    expect(rendered).toBe(before)
    await get(first, alice)
    expect(rendered).toBe(before + 1)
  })
})
