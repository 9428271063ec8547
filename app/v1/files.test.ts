import { randomBytes } from "node:crypto"
import { createServer, request as ask, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import Replicate from "replicate"
import Stainless, { toFile } from "replicate-stainless"
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { listFiles } from "@/lib/files/file"
import { apiFor, type CallApi } from "@/lib/test/api"
import { anAccount, aToken } from "@/lib/test/factories"

let server: Server
let origin: string
let alice: Actor
let token: string
let call: CallApi
const settings = { ...env }

beforeAll(async () => {
  ;({ actor: alice } = await anAccount())
  token = await aToken(alice)
  const made = await apiFor(token)
  call = made.call
  server = createServer(made.api.routing)
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
afterEach(() => Object.assign(env, settings))

type Part = { name: string; value: string | Buffer; filename?: string; type?: string }
const boundary = "----boundary"
const form = (...parts: Part[]) =>
  Buffer.concat([
    ...parts.flatMap(({ name, value, filename, type }) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? "" : `; filename="${filename}"`}\r\n${type ? `Content-Type: ${type}\r\n` : ""}\r\n`,
      ),
      Buffer.from(value),
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])
const headers = { "content-type": `multipart/form-data; boundary=${boundary}` }

async function send(body: Buffer, more: Record<string, string> = {}) {
  const response = await fetch(`${origin}/v1/files`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, ...headers, ...more },
    body: new Uint8Array(body),
  })
  const text = await response.text()
  return { status: response.status, type: response.headers.get("content-type"), body: JSON.parse(text) }
}
const content: Part = { name: "content", value: "hello", filename: "a.txt", type: "text/plain" }

test.each<[string, Part[], object]>([
  [
    "curl",
    [content, { name: "metadata", value: '{"customer_reference_id":123}', type: "application/json" }],
    { name: "a.txt", content_type: "text/plain", metadata: { customer_reference_id: 123 } },
  ],
  [
    "the JavaScript client",
    [content, { name: "metadata", value: '{"a":"b"}', filename: "blob", type: "application/json" }],
    { name: "a.txt", content_type: "text/plain", metadata: { a: "b" } },
  ],
  [
    "the Python client",
    [{ name: "metadata", value: '{"a":"b"}' }, content],
    { name: "a.txt", content_type: "text/plain", metadata: { a: "b" } },
  ],
  ["the Python client without metadata", [content], { name: "a.txt", content_type: "text/plain", metadata: {} }],
  [
    "the Go client",
    [
      { ...content, filename: "file" },
      { name: "metadata", value: '{"a":"b"}' },
    ],
    { name: "file", content_type: "text/plain", metadata: { a: "b" } },
  ],
  [
    "the generated clients",
    [
      { name: "content", value: "hello", filename: "upload", type: "application/octet-stream" },
      { name: "filename", value: "größe.bin" },
      { name: "metadata[a]", value: "b" },
      { name: "metadata[c]", value: "d" },
      { name: "type", value: "image/png" },
    ],
    { name: "größe.bin", content_type: "image/png", metadata: { a: "b", c: "d" } },
  ],
  [
    "a form whose content is a plain field",
    [{ name: "content", value: "hello" }],
    { name: "file", content_type: "application/octet-stream", metadata: {} },
  ],
  [
    "a form with parts that nobody knows",
    [
      { name: "other", value: "x".repeat(100_000), filename: "x" },
      content,
      { name: "content", value: "2", filename: "b" },
    ],
    { name: "a.txt", content_type: "text/plain", metadata: {} },
  ],
])("a file arrives as %s sends it", async (_, parts, expected) => {
  const { status, body } = await send(form(...parts))
  expect(body).toMatchObject({
    ...expected,
    size: 5,
    etag: "5d41402abc4b2a76b9719d911017c592",
    checksums: {
      sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
      md5: "5d41402abc4b2a76b9719d911017c592",
    },
    urls: { get: `${origin}/v1/files/${body.id}` },
  })
  expect(body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBeGreaterThan(23 * 3600_000)
  expect(status).toBe(201)
})

test("the official JavaScript client uploads, reads, lists and deletes unchanged", async () => {
  const replicate = new Replicate({ auth: token, baseUrl: `${origin}/v1` })
  const file = await replicate.files.create(new File(["hello"], "hotdog.png", { type: "image/png" }), { a: "b" })
  expect(file).toMatchObject({ name: "hotdog.png", content_type: "image/png", size: 5, metadata: { a: "b" } })
  expect(await replicate.files.get(file.id)).toMatchObject({ id: file.id })
  expect((await replicate.files.list()).results[0]).toMatchObject({ id: file.id })
  expect(await replicate.files.delete(file.id)).toBe(true)
  await expect(replicate.files.get(file.id)).rejects.toMatchObject({ response: { status: 404 } })
})

test("the generated official client does, and downloads what is signed", async () => {
  const replicate = new Stainless({ bearerToken: token, baseURL: `${origin}/v1` })
  const file = await replicate.files.create({
    content: await toFile(Buffer.from("hello"), "hotdog.png"),
    filename: "other.png",
    type: "image/png",
    metadata: { a: "b" },
  })
  expect(file).toMatchObject({ name: "other.png", content_type: "image/png", metadata: { a: "b" } })
  expect(await replicate.files.get({ file_id: file.id })).toMatchObject({ id: file.id })
  const listed = []
  for await (const one of await replicate.files.list()) listed.push(one.id)
  expect(listed[0]).toBe(file.id)

  const address = new URL((file.urls as { download: string }).download)
  const [owner, expiry, signature] = ["owner", "expiry", "signature"].map((name) => address.searchParams.get(name)!)
  const download = await new Stainless({ bearerToken: "", baseURL: `${origin}/v1` }).files.download({
    file_id: file.id,
    owner: owner!,
    expiry: Number(expiry),
    signature: signature!,
  })
  expect(await download.text()).toBe("hello")
  expect(download.headers.get("content-type")).toBe("image/png")
  await replicate.files.delete({ file_id: file.id })
  expect((await fetch(address)).status).toBe(404)
})

test("a signed address gives parts, and without a right signature nothing", async () => {
  const { body } = await send(form(content))
  const address = body.urls.download as string
  const part = await fetch(address, { headers: { range: "bytes=1-2" } })
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "el", "bytes 1-2/5"])
  for (const wrong of [address.replace(/signature=[^&]+/, "signature=x"), address.replace(/expiry=\d+/, "expiry=1")]) {
    const refused = await fetch(wrong)
    expect([refused.status, await refused.json()]).toMatchObject([404, { detail: "File not found" }])
  }
  expect((await call("GET", `/v1/files/${body.id}/download`, { token: null })).status).toBe(400)
})

test("what is too large is refused in the contract's words, before it is read where its length says so", async () => {
  env.FILE_LIMIT_MB = 1
  const large = form({ ...content, value: randomBytes(1024 * 1024 + 1) })
  const refused = { detail: "Files must be less than 1MB in size", status: 413 }
  expect(await send(large)).toMatchObject({ status: 413, type: "application/problem+json", body: refused })

  let answered: { status: number; text: string } | undefined
  await new Promise<void>((done, fail) => {
    const sending = ask(
      `${origin}/v1/files`,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          ...headers,
          "content-length": 500_000_000,
          expect: "100-continue",
        },
      },
      (response) => {
        let text = ""
        response
          .on("data", (chunk) => (text += chunk))
          .on("end", () => {
            answered = { status: response.statusCode!, text }
            sending.destroy()
            done()
          })
      },
    )
    sending.on("error", (error) => (answered ? undefined : fail(error)))
    sending.flushHeaders()
  })
  expect([answered!.status, JSON.parse(answered!.text)]).toMatchObject([413, refused])
  const before = (await listFiles(alice)).rows.length
  const just = await send(form({ ...content, value: randomBytes(1024 * 1024) }))
  expect(just.status).toBe(201)
  expect((await listFiles(alice)).rows.length).toBe(before + 1)
})

test("a stranger's form is not read", async () => {
  const reader = await aToken(alice, { scopes: ["read"] })
  for (const [authorization, status] of [
    ["", 401],
    ["Bearer r8_nobody", 401],
    [`Bearer ${reader}`, 403],
  ] as const)
    expect((await send(form(content), { authorization })).status).toBe(status)
})

test.each<[string, Buffer, Record<string, string>]>([
  ["no form", Buffer.from("{}"), { "content-type": "application/json" }],
  ["a form without content", form({ name: "metadata", value: "{}" }), {}],
  ["an empty form", form(), {}],
  ["nothing", Buffer.alloc(0), {}],
  ["a form without an end", form(content).subarray(0, -30), {}],
  ["a form without a boundary", form(content), { "content-type": "multipart/form-data" }],
  ["metadata that is no JSON", form(content, { name: "metadata", value: "{" }), {}],
  ["metadata that is no object", form(content, { name: "metadata", value: "[1]" }), {}],
  ["metadata said to be JSON", form(content, { name: "metadata", value: "{", type: "application/json" }), {}],
  ["a name that is too long", form({ ...content, filename: "x".repeat(256) }), {}],
  ["a type that is none", form(content, { name: "type", value: "text" }), {}],
  [
    "thousands of fields",
    form(content, ...Array.from({ length: 3000 }, (_, n) => ({ name: `f${n}`, value: "x" }))),
    {},
  ],
  ["a field of a megabyte", form({ name: "metadata", value: "x".repeat(1_000_000) }, content), {}],
  ["metadata of a megabyte", form({ name: "metadata", value: "x".repeat(1_000_000), filename: "blob" }, content), {}],
  ["a name that every object has", form(content, { name: "__proto__", value: "x" }), {}],
])("%s is refused in words, and leaves nothing behind", async (_, body, more) => {
  const before = (await listFiles(alice)).rows.length
  const answer = await send(body, more)
  expect([answer.status, answer.type, typeof answer.body.detail]).toEqual([
    expect.toSatisfy((status: number) => status === 400 || status === 413),
    "application/problem+json",
    "string",
  ])
  expect((await listFiles(alice)).rows.length).toBe(before)
})

test("who leaves in the middle leaves nothing behind, and makes room for the next upload", async () => {
  const before = (await listFiles(alice)).rows.length
  for (let n = 0; n < 40; n++)
    await new Promise<void>((gone) => {
      const sending = ask(`${origin}/v1/files`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...headers, "content-length": 1_000_000 },
      })
      sending.on("error", () => {}).on("close", gone)
      sending.write(form(content).subarray(0, 150))
      setTimeout(() => sending.destroy(), 5)
    })
  await new Promise((resume) => setTimeout(resume, 200))
  expect((await send(form(content))).status).toBe(201)
  expect((await listFiles(alice)).rows.length).toBe(before + 1)
})

test("a store that fails after the form has arrived is not the form's fault", async () => {
  onTestFinished(() => void (env.S3_BUCKET = undefined))
  Object.assign(env, { S3_BUCKET: "b", S3_ENDPOINT: "http://127.0.0.1:9", S3_ACCESS_KEY_ID: "k" })
  expect(await send(form(content))).toMatchObject({ status: 503, body: { title: "Service unavailable" } })
})

test("one account has so many uploads under way at once and no more", async () => {
  const { actor } = await anAccount()
  const other = await aToken(actor)
  const answers: number[] = []
  const refused = Promise.withResolvers<void>()
  const uploads = Array.from({ length: 33 }, () => {
    const sending = ask(`${origin}/v1/files`, {
      method: "POST",
      headers: { authorization: `Bearer ${other}`, ...headers, "content-length": 1_000_000 },
      agent: false,
    })
    sending.on("error", () => {})
    sending.on("response", ({ statusCode }) => {
      answers.push(statusCode!)
      refused.resolve()
    })
    sending.write(form(content).subarray(0, 150))
    return sending
  })
  await refused.promise
  expect((await send(form(content))).status).toBe(201)
  expect(answers).toEqual([429])
  for (const one of uploads) one.destroy()
})

test("files are listed page by page, and those of others are not there", async () => {
  const { actor } = await anAccount()
  const other = await aToken(actor)
  const { body: file } = await send(form(content))
  expect((await call("GET", "/v1/files", { token: other })).body).toEqual({ next: null, previous: null, results: [] })
  for (const method of ["GET", "DELETE"])
    expect(await call(method, `/v1/files/${file.id}`, { token: other })).toMatchObject({
      status: 404,
      body: { detail: "File not found", status: 404 },
    })
  expect((await call("GET", "/v1/files/../account")).status).toBe(200)
  expect((await call("GET", "/v1/files?cursor=x")).status).toBe(400)
  expect(await call("DELETE", `/v1/files/${file.id}`)).toMatchObject({ status: 204, text: "" })
  expect((await call("DELETE", `/v1/files/${file.id}`)).status).toBe(404)
})
