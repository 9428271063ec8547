import { connect } from "node:net"
import { expect, test } from "@playwright/test"

import { anAccount } from "./accounts"

/** Sends raw bytes and returns everything received until the connection ends. */
function send(baseURL: string, text: string): Promise<string> {
  const { hostname, port } = new URL(baseURL)
  return new Promise((resolve, reject) => {
    let answer = ""
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket
      .setEncoding("utf8")
      .on("data", (chunk) => (answer += chunk))
      .on("end", () => resolve(answer))
      .on("error", reject)
  })
}

const bodyOf = (answer: string) => JSON.parse(answer.split("\r\n\r\n")[1]!)

test.describe("what cannot be read is a problem like any other", () => {
  test("headers that are too large", async ({ baseURL }) => {
    const answer = await send(baseURL!, `GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 .*\r\ncontent-type: application\/problem\+json/)
    expect(bodyOf(answer)).toMatchObject({ status: 431, title: expect.any(String), detail: expect.any(String) })
  })

  test("what is no HTTP", async ({ baseURL }) => {
    const answer = await send(baseURL!, "nonsense\r\n\r\n")
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(bodyOf(answer)).toMatchObject({ status: 400 })
  })

  test("an address that cannot be decoded", async ({ request }) => {
    const response = await request.get("/v1/models/%ff/x")
    expect([response.status(), response.headers()["content-type"]]).toEqual([400, "application/problem+json"])
  })
})

test.describe("what is HTTP, though few send it", () => {
  const first = (answer: string) => answer.split("\r\n")[0]

  // Like the first request of Java's client and `curl --http2` to any http URL.
  for (const offer of ["h2c", "websocket"])
    test(`a request that offers ${offer} is answered in HTTP/1.1`, async ({ baseURL }) => {
      for (const [path, status] of [
        ["/v1/models", 401],
        ["/v2/", 401],
        ["/explore", 200],
        ["/v1/models", 401],
      ] as const)
        expect(
          first(
            await send(
              baseURL!,
              `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: ${offer}\r\n\r\n`,
            ),
          ),
        ).toContain(` ${status} `)
    })

  test("an address that is sent whole is its path", async ({ baseURL }) => {
    for (const [url, status] of [
      ["http://elsewhere.example/v1/models", 401],
      ["http://elsewhere.example/explore", 200],
      ["http://elsewhere.example", 200],
      ["http://elsewhere.example?x=1", 200],
    ] as const) {
      const answer = await send(baseURL!, `GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect([url, first(answer)]).toEqual([url, expect.stringContaining(` ${status} `)])
    }
  })

  test("the server itself may be asked what it can do", async ({ baseURL }) => {
    expect(first(await send(baseURL!, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))).toContain(" 204 ")
  })
})

/** Sends the whole body before reading anything, as many clients do, and returns the status line. */
function sendAll(baseURL: string, head: string, megabytes: number): Promise<string> {
  const { hostname, port } = new URL(baseURL)
  return new Promise((resolve, reject) => {
    let answer = ""
    const socket = connect(Number(port), hostname)
    socket.on("error", reject).pause()
    socket.write(`${head}Content-Length: ${megabytes * 1e6}\r\n\r\n`)
    const piece = Buffer.alloc(1e6, "x")
    let left = megabytes
    const more = () => {
      if (left-- > 0) return void socket.write(piece, () => setTimeout(more, 1))
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        answer += chunk
        resolve(answer.split("\r\n", 1)[0]!)
        socket.destroy()
      })
      socket.on("end", () => reject(new Error("The connection ended without an answer."))).resume()
    }
    more()
  })
}

test("who sends far too much, and asks for the connection to be closed, reads why it is refused", async ({
  baseURL,
}) => {
  const { token } = await anAccount()
  const head = (more: string) =>
    `POST /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${more}`
  for (let n = 0; n < 5; n++) {
    expect(await sendAll(baseURL!, head(`Authorization: Bearer ${token}\r\n`), 20)).toBe(
      "HTTP/1.1 413 Payload Too Large",
    )
    expect(await sendAll(baseURL!, head(""), 20)).toBe("HTTP/1.1 401 Unauthorized")
  }
})

test("an address cannot be claimed, and neither can another host", async ({ request }) => {
  const { token, username } = await anAccount()
  const response = await request.post("/v1/models", {
    headers: {
      authorization: `Bearer ${token}`,
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      "x-understudy-address": "192.0.2.1",
    },
    data: { owner: username, name: "linked", visibility: "public", hardware: "cpu" },
  })
  expect(response.status()).toBe(201)
  const { url } = await response.json()
  expect(url).toBe(`${new URL(response.url()).origin}/${username}/linked`)
  expect(Number(response.headers()["ratelimit-remaining"])).toBeGreaterThan(0)
})

test("the API answers QUERY, HEAD and trailing slashes without Next in between", async ({ request }) => {
  const { token } = await anAccount()
  const headers = { authorization: `Bearer ${token}` }
  for (const [method, path, status] of [
    ["QUERY", "/v1/models", 200],
    ["HEAD", "/v1/models", 200],
    ["GET", "/v1/hardware/", 200],
    ["PUT", "/v1/models", 405],
    ["GET", "/v1/nothing", 404],
  ] as const)
    expect((await request.fetch(path, { method, headers, maxRedirects: 0 })).status(), `${method} ${path}`).toBe(status)
})

test("next-auth's own routes change nothing for other origins, for none and for null", async ({ request, baseURL }) => {
  for (const path of ["signout", "signin/credentials", "callback/credentials"])
    for (const origin of [undefined, "null", "https://evil.example", `${baseURL}.evil.example`]) {
      const response = await request.post(`/api/auth/${path}`, {
        headers: origin === undefined ? {} : { origin },
        form: { username: "alice", password: "whatever" },
        maxRedirects: 0,
      })
      expect(response.status(), `${path} from ${origin}`).toBe(403)
    }
  const signIn = await request.get("/api/auth/callback/credentials")
  expect([signIn.status(), signIn.headers().allow]).toEqual([405, "POST"])
  const csrf = await request.get("/api/auth/csrf")
  expect(csrf.status()).toBe(200)
  const own = await request.post("/api/auth/signout", {
    headers: { origin: baseURL! },
    form: { csrfToken: (await csrf.json()).csrfToken, json: "true" },
    maxRedirects: 0,
  })
  expect(own.status()).toBeLessThan(400)
})

test("TRACE is refused everywhere", async ({ request }) => {
  for (const path of ["/", "/pricing", "/v1/models", "/v2/", "/healthz", "/api/auth/csrf"])
    expect((await request.fetch(path, { method: "TRACE" })).status(), path).toBeGreaterThanOrEqual(400)
})

test("every page links icons, and each is a picture", async ({ request }) => {
  const page = await (await request.get("/pricing")).text()
  const icons = [...page.matchAll(/<link rel="(icon|apple-touch-icon)" href="([^"]+)"/g)].map(([, rel, href]) => [
    rel,
    href,
  ])
  expect(icons).toEqual([
    ["icon", "/favicon.ico"],
    ["icon", "/icon.svg"],
    ["apple-touch-icon", "/apple-icon.png"],
  ])
  for (const [, href] of icons) {
    const response = await request.get(href!)
    expect([response.status(), response.headers()["content-type"]], href).toEqual([
      200,
      expect.stringMatching(/^image\//),
    ])
  }
})
