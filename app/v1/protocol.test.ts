import { afterEach, beforeAll, describe, expect, test } from "vitest"
import { Agent, request as httpRequest, createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { databaseHandle } from "@/db"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { lineOf } from "@/lib/log"
import { originOf } from "@/lib/origin"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, anAccount, aToken, modelInput } from "@/lib/test/factories"
import { issueToken, revokeToken } from "@/lib/tokens/token"
import { buildApi } from "./api"

let call: CallApi
let alice: Actor
let token: string

beforeAll(async () => {
  alice = (await anAccount()).actor
  token = await aToken(alice)
  ;({ call } = await apiFor(token))
})

afterEach(() => {
  env.PUBLIC_URL = undefined
  env.TRUST_PROXY = "0"
})

describe("scopes", () => {
  test.each([
    ["read", "GET", "/v1/models", 200],
    ["read", "HEAD", "/v1/models", 200],
    ["read", "POST", "/v1/models", 403],
    ["write", "GET", "/v1/account", 403],
    ["write", "POST", "/v1/models", 201],
    ["push", "GET", "/v1/models", 403],
    ["push", "POST", "/v1/models", 403],
  ])("a token with the scope %s: %s %s is a %i", async (scope, method, url, status) => {
    const body = method === "POST" ? modelInput(alice) : undefined
    const answer = await call(method, url, { token: await aToken(alice, { scopes: [scope] }), body })
    expect(answer.status).toBe(status)
  })

  test("the refusal names the scope that is lacking, whether or not the thing is there", async () => {
    const write = await aToken(alice, { scopes: ["write"] })
    const { name } = await aModel(alice)
    const there = await call("GET", `/v1/models/${alice.username}/${name}`, { token: write })
    const absent = await call("GET", "/v1/models/nobody/never-was", { token: write })
    expect(there.body).toEqual({
      title: "Forbidden",
      detail: 'This token does not have the scope "read". Create one with this scope at /account/api-tokens.',
      status: 403,
    })
    expect(absent.text).toBe(there.text)
  })
})

describe("paths", () => {
  test("are decoded once", async () => {
    const { name } = await aModel(alice)
    const escaped = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`
    expect((await call("GET", `/v1/models/${alice.username}/${escaped}`)).status).toBe(200)
    const twice = escaped.replace("%", "%25")
    expect((await call("GET", `/v1/models/${alice.username}/${twice}`)).status).toBe(404)
    expect((await call("GET", `/v1/models/${alice.username}%252F${name}`)).status).toBe(404)
  })
})

describe("reading again", () => {
  test("what has not changed is a 304 without a body", async () => {
    const first = await call("GET", "/v1/account")
    expect(first.headers.etag).toMatch(/^"\w+-\w+"$/)
    for (const known of [first.headers.etag, `W/${first.headers.etag}`, `"other", ${first.headers.etag}`, "*"]) {
      const again = await call("GET", "/v1/account", { headers: { "if-none-match": String(known) } })
      expect([again.status, again.text, again.headers.etag, again.headers["content-type"]]).toEqual([
        304,
        "",
        first.headers.etag,
        undefined,
      ])
    }
  })

  test("what has changed comes whole, with another tag", async () => {
    const { name } = await aModel(alice)
    const list = () => call("GET", "/v1/models")
    const before = await list()
    await aModel(alice)
    const after = await call("GET", "/v1/models", { headers: { "if-none-match": String(before.headers.etag) } })
    expect(after.status).toBe(200)
    expect(after.headers.etag).not.toBe(before.headers.etag)
    expect(after.body.results[1].name).toBe(name)
  })

  test("a private model changes no tag of a stranger's", async () => {
    const stranger = await aToken((await anAccount()).actor)
    const tags = async () => {
      const urls = [
        "/v1/models",
        "/v1/collections",
        "/v1/account/models",
        "/v1/search?query=hidden",
        `/v1/models/${alice.username}/hidden`,
      ]
      return Promise.all(urls.map(async (url) => (await call("GET", url, { token: stranger })).headers.etag))
    }
    const before = await tags()
    await aModel(alice, { name: "hidden", visibility: "private" })
    expect(await tags()).toEqual(before)
  })

  test("HEAD has the tag of GET", async () => {
    const { headers } = await call("GET", "/v1/account")
    expect((await call("HEAD", "/v1/account")).headers.etag).toBe(headers.etag)
    expect((await call("HEAD", "/v1/account", { headers: { "if-none-match": String(headers.etag) } })).status).toBe(304)
  })

  test("refusals and what is created have none", async () => {
    expect(
      (await call("GET", "/v1/models/nobody/never-was", { headers: { "if-none-match": "*" } })).headers.etag,
    ).toBeUndefined()
    expect((await call("GET", "/v1/account", { token: null, headers: { "if-none-match": "*" } })).status).toBe(401)
    expect((await call("POST", "/v1/models", { body: modelInput(alice) })).headers.etag).toBeUndefined()
  })
})

async function urlOf(headers: Record<string, string>) {
  const { body } = await call("POST", "/v1/models", { body: modelInput(alice), headers })
  return new URL(body.url).origin
}

describe("absolute links", () => {
  const forwarded = { "x-forwarded-host": "models.example.org", "x-forwarded-proto": "https" }

  test("carry the host the request came to", async () => {
    expect(await urlOf({ host: "localhost:3000" })).toBe("http://localhost:3000")
    expect(await urlOf({ host: "[::1]:3000" })).toBe("http://[::1]:3000")
  })

  test("believe a proxy only when it is trusted", async () => {
    expect(await urlOf({ host: "a.example", ...forwarded })).toBe("http://a.example")
    env.TRUST_PROXY = "1"
    expect(await urlOf({ host: "a.example", ...forwarded })).toBe("https://models.example.org")
  })

  test("carry PUBLIC_URL whatever the request says", async () => {
    env.TRUST_PROXY = "1"
    env.PUBLIC_URL = "https://public.example"
    expect(await urlOf({ host: "a.example", ...forwarded })).toBe("https://public.example")
  })

  test.each([
    "",
    "a b",
    "<script>",
    "a.example/path",
    "user@a.example",
    "a.example:99999999",
    "a.example?x",
    "\\",
    "x".repeat(300),
    "a..%",
    "[::g]",
  ])("survive the host %j", async (host) => {
    env.TRUST_PROXY = "1"
    expect(originOf({ host, "x-forwarded-host": host })).toBe(`http://localhost:${env.PORT}`)
    expect((await call("GET", "/v1/models", { headers: { host } })).status).toBe(200)
  })

  test("of our own are understood behind /v1/, where the Go client puts them", async () => {
    for (let n = 0; n < 30; n++) await aModel(alice)
    const { body } = await call("GET", "/v1/models")
    const second = await call("GET", body.next.replace("http://models.example.com", ""))
    expect((await call("GET", `/v1/${body.next}`)).text).toBe(second.text)
    expect((await call("GET", `/v1/${body.next.replace("//", "/")}`)).text).toBe(second.text)

    for (const foreign of [
      body.next.replace("models.example.com", "evil.example"),
      body.next.replace("http:", "https:"),
      "http://models.example.com.evil.example/v1/models",
    ])
      expect((await call("GET", `/v1/${foreign}`)).status).toBe(404)
    expect((await call("GET", `/v1/${body.next}`, { token: null })).status).toBe(401)
  })
})

describe("what cannot be read is a problem like any other", () => {
  test.each(["/v1/models/%ff/x", "/v1/models/%/x", "/v1/%c0%af"])("%s", async (url) => {
    const { status, body, headers } = await call("GET", url)
    expect([status, headers["content-type"]]).toEqual([400, "application/problem+json"])
    expect(body).toEqual({ title: "Bad request", detail: expect.stringContaining("URL"), status: 400 })
  })

  test.each([201, 1001, 20_000])("a name of %i characters is not there", async (length) => {
    const { status, headers } = await call("GET", `/v1/models/a/${"x".repeat(length)}`)
    expect([status, headers["content-type"]]).toEqual([404, "application/problem+json"])
  })

  test.each([
    ["arrays", "[".repeat(100_000) + "]".repeat(100_000)],
    ["objects", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
    ["a field", `{"name":${"[".repeat(100_000)}${"]".repeat(100_000)},"__proto__":1}`],
    ["what never ends", "[".repeat(100_000)],
  ])("%s nested 100,000 deep", async (_what, raw) => {
    const { status, body } = await call("POST", "/v1/models", { raw })
    expect([status, typeof body.detail]).toEqual([400, "string"])
  })

  test.each(["null", "[]", '"text"', ""])("the body %j is told what is wanted", async (raw) => {
    expect((await call("POST", "/v1/models", { raw, headers: { "content-type": "application/json" } })).body).toEqual({
      title: "Bad request",
      detail: "The request body must be a JSON object.",
      status: 400,
    })
  })
})

describe("a body that is no JSON", () => {
  // The first is a sample of the classic documentation, copied unchanged.
  test.each([
    [
      '{"owner": "alice" "name": "my-model", "description": "An example model", "visibility": "public", "hardware": "cpu"}',
      "Expected ',' or '}' after property value at line 1, column 19",
    ],
    ['{\n  "owner": alice\n}', "Unexpected token 'a' at line 2, column 12"],
    ['{"owner": "alice",}', "Expected double-quoted property name at line 1, column 19"],
    ["owner=alice&name=x", "Unexpected token 'o' at line 1, column 1"],
    ["{'owner': 'alice'}", "Expected property name or '}' at line 1, column 2"],
    ['{"a": [1, 2, {"b": “x”}]}', "Unexpected token '“' at line 1, column 20"],
    ['{"a": "x\ny"}', "Bad control character in string literal at line 1, column 9"],
    ['{"a": 1}}', "Unexpected non-whitespace character at line 1, column 9"],
    ['{"a": 1', "Expected ',' or '}' after property value at line 1, column 8"],
    ['{"a": ', "it ends too early"],
    [`{"a": "${"x".repeat(100_000)}", "b": x}`, `Unexpected token 'x', ...`],
  ])("%j is told what the parser found and where", async (raw, found) => {
    for (const type of ["application/json", "application/x-www-form-urlencoded"]) {
      const { status, body } = await call("POST", "/v1/models", { raw, headers: { "content-type": type } })
      expect([status, body.detail]).toEqual([
        400,
        expect.stringContaining(`The request body is not valid JSON: ${found}`),
      ])
      expect(body.detail).toMatch(/[^.]\.$/)
    }
  })

  test("with an endless number is refused", async () => {
    const { status, body } = await call("POST", "/v1/models", { raw: `{"owner": ${"9".repeat(900_000)}}` })
    expect([status, body.detail]).toEqual([400, "The request body has a number with more than 4,300 digits."])
  })

  test("matters to nobody where there is no route", async () => {
    expect(await call("POST", "/v1/nothing", { raw: "{" })).toMatchObject({ status: 404 })
    expect(await call("PUT", "/v1/models", { raw: "{" })).toMatchObject({ status: 405 })
    expect(await call("POST", "/v1/nothing", { raw: "x".repeat(2_000_000) })).toMatchObject({ status: 404 })
  })
})

async function rename(from: string, to: string) {
  // Reads in one turn of the event loop may share a snapshot (db/sqlite.ts).
  await new Promise(setImmediate)
  const { sqlite, pg } = databaseHandle()
  const statement = `alter table ${from} rename to ${to}`
  if (sqlite) sqlite.exec(statement)
  else await pg!.unsafe(statement)
}

test.each([
  "",
  "nonsense",
  ";;;",
  "a/b; charset=utf-7",
  "text/plain",
  "multipart/form-data",
  'application/json; charset="',
])("a JSON body is read whatever its content type, such as %j", async (type) => {
  expect(
    (await call("POST", "/v1/models", { body: modelInput(alice), headers: { "content-type": type } })).status,
  ).toBe(201)
  expect((await call("QUERY", "/v1/account", { headers: { "content-type": type } })).headers["content-type"]).toBe(
    "application/problem+json",
  )
})

test("a surprise is a 500 that says nothing, and is logged once", async () => {
  const lines: string[] = []
  const api = await buildApi({ report: (...told) => lines.push(lineOf(...told)) })
  await rename("hardware", "gone")
  const answer = await api.inject({ url: "/v1/hardware", headers: { authorization: `Bearer ${token}` } })
  await rename("gone", "hardware")

  expect(answer.statusCode).toBe(500)
  expect(answer.headers["content-type"]).toBe("application/problem+json")
  expect(answer.json()).toEqual({
    title: "Internal server error",
    detail: "Something went wrong on the server. It has been logged.",
    status: 500,
  })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain("hardware")
  expect(lines[0]).not.toContain(token)
})

test("over a real connection HEAD and 304 have no body and every method gets an answer", async () => {
  const api = await buildApi()
  const server = createServer((request, response) => api.routing(request, response)).listen(0)
  await new Promise((listening) => server.once("listening", listening))
  const { port } = server.address() as AddressInfo
  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status?: number; headers: Record<string, unknown>; length: number }>((resolve, reject) => {
      const request = httpRequest(
        { port, method, path, headers: { authorization: `Bearer ${token}`, ...headers } },
        (response) => {
          let length = 0
          response
            .on("data", (chunk) => (length += chunk.length))
            .on("end", () => resolve({ status: response.statusCode, headers: response.headers, length }))
        },
      )
      request.on("error", reject).end()
    })

  const get = await ask("GET", "/v1/account")
  expect(get.length).toBe(Number(get.headers["content-length"]))
  expect(await ask("HEAD", "/v1/account")).toMatchObject({
    status: 200,
    length: 0,
    headers: { "content-length": get.headers["content-length"], etag: get.headers.etag },
  })
  expect(await ask("GET", "/v1/account", { "if-none-match": String(get.headers.etag) })).toMatchObject({
    status: 304,
    length: 0,
  })
  for (const method of ["PUT", "PATCH", "DELETE", "PROPFIND", "TRACE", "LOCK", "M-SEARCH"])
    expect((await ask(method, "/v1/account")).status, method).toBe(405)
  expect(await ask("OPTIONS", "/v1/account")).toMatchObject({ status: 204, headers: { allow: "GET, HEAD, OPTIONS" } })
  server.close()
})

test("along one connection every request is whose token it shows, for as long as that token lives", async () => {
  const api = await buildApi()
  let connections = 0
  const server = createServer((request, response) => api.routing(request, response))
    .on("connection", () => connections++)
    .listen(0)
  await new Promise((listening) => server.once("listening", listening))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (shown: string) =>
    new Promise<{ status?: number; text: string }>((resolve, reject) => {
      const request = httpRequest(
        { port: (server.address() as AddressInfo).port, agent, path: "/v1/account", headers: { authorization: shown } },
        (response) => {
          let text = ""
          response
            .setEncoding("utf8")
            .on("data", (chunk) => (text += chunk))
            .on("end", () => resolve({ status: response.statusCode, text }))
        },
      )
      request.on("error", reject).end()
    })

  const bob = (await anAccount()).actor
  const { token: short, secret } = await issueToken(bob, { name: "short", scopes: ["read"] })
  expect((await ask(`Bearer ${token}`)).text).toContain(alice.username)
  expect((await ask(`Bearer ${secret}`)).text).toContain(bob.username)
  expect((await ask(`Token ${secret}`)).text).toContain(bob.username)
  expect((await ask(`Bearer ${secret.slice(0, -1)}`)).status).toBe(401)
  expect((await ask(`Bearer ${secret}`)).text).toContain(bob.username)
  await revokeToken(bob, short.id)
  expect((await ask(`Bearer ${secret}`)).status).toBe(401)
  expect((await ask(`Bearer ${token}`)).text).toContain(alice.username)
  expect(connections).toBe(1)
  agent.destroy()
  server.close()
})
