import { createHash, randomBytes } from "node:crypto"
import { appendFile } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { configuredBucket } from "@/lib/bucket/bucket"
import { blobStore } from "@/lib/images/blobs"
import { findBlob } from "@/lib/images/blob-store"
import { aModel, anAccount } from "@/lib/test/factories"
import {
  anImage,
  aRegistry,
  basic,
  cogLabels,
  formats,
  pushBlob,
  pushImage,
  sha256,
  type Registry,
} from "@/lib/test/registry"
import { issueToken, listTokens, revokeToken } from "@/lib/tokens/token"
import { getVersion, listVersions } from "@/lib/versions/version"

// Concurrent requests that affect each other, and hostile requests.

let registry: Registry
let alice: Actor
let auth: string

beforeAll(async () => {
  registry = await aRegistry()
  ;({ actor: alice } = await anAccount())
  auth = basic(alice.username, (await issueToken(alice, { name: "all" })).secret)
})
afterAll(() => registry.close())

const call: Registry["call"] = (...args) => registry.call(...args)
const begin = async (repository: string) =>
  (await call("POST", `/v2/${repository}/blobs/uploads/`, { auth })).headers.location!
async function aRepository(visibility: "public" | "private" = "public") {
  const model = await aModel(alice, { visibility })
  return { model, repository: `${alice.username}/${model.name}` }
}

/** A request of which only the beginning is sent. */
function begun(
  method: string,
  place: string,
  { authorization = auth, length, first }: { authorization?: string; length: number; first: Buffer | string },
): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(registry.origin).port), "127.0.0.1", () => {
      socket.write(
        `${method} ${place} HTTP/1.1\r\nHost: ${registry.host}\r\nAuthorization: ${authorization}\r\nContent-Type: ${formats.oci.manifest}\r\nContent-Length: ${length}\r\n\r\n`,
      )
      socket.write(first, () => resolve(socket))
    })
    socket.on("error", () => {})
  })
}
const answerOn = (socket: Socket, last: Buffer | string) =>
  new Promise<string>((resolve) => {
    if (socket.destroyed) return resolve("closed")
    socket.once("data", (chunk) => resolve(String(chunk).split("\r\n")[0]!))
    socket.once("close", () => resolve("closed"))
    socket.write(last)
  })

describe("an upload that is brought to its end", () => {
  test.each([5, 20, 50])(
    "takes nothing more from who appends %i ms later, while its digest is looked at",
    async (delay) => {
      const { model, repository } = await aRepository()
      const content = randomBytes(40_000_000)
      const digest = `sha512:${createHash("sha512").update(content).digest("hex")}`
      const place = await begin(repository)
      await call("PATCH", place, { auth, body: content })
      // A SHA-512 digest is computed at the end, which takes a while.
      const ending = call("PUT", `${place}?digest=${digest}`, { auth })
      await new Promise((resume) => setTimeout(resume, delay))
      const late = await begun("PATCH", place, { length: 4_000_000, first: Buffer.alloc(2_000_000, "x") })
      const { status } = await ending
      await answerOn(late, Buffer.alloc(2_000_000, "x"))
      late.destroy()

      // If the late chunk arrived before the upload was completed, it changed the content.
      expect([201, 400, 404]).toContain(status)
      const kept = await findBlob(model.id, digest)
      expect(kept === undefined).toBe(status !== 201)
      if (kept) expect((await sizesOfFiles()).get(kept.file)).toBe(content.length)
    },
  )

  test("is unknown to who meant to append to it", async () => {
    const { repository } = await aRepository()
    const place = await begin(repository)
    const id = place.split("/").at(-1)!
    await call("PATCH", place, { auth, body: "content" })
    let done!: () => void
    const working = blobStore().exclusively(id, () => new Promise<void>((resolve) => (done = resolve)))
    const late = call("PATCH", place, { auth, body: "more" })
    await new Promise((resume) => setTimeout(resume, 50))
    await blobStore().discard(id)
    done()
    await working
    expect(await late).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" })
  })
})

async function sizesOfFiles() {
  const sizes = new Map<string, number>()
  for await (const { name, size } of blobStore().list("blobs")) sizes.set(name, size)
  return sizes
}

if (!configuredBucket())
  test("a file that is longer than its content should be does not reach into the next answer", async () => {
    const { model, repository } = await aRepository()
    const content = randomBytes(1000)
    const digest = await pushBlob(registry, repository, auth, content)
    const { file } = (await findBlob(model.id, digest))!
    await appendFile(path.join(env.DATA_DIR, "registry/blobs", file), "HTTP/1.1 200 OK\r\n\r\n")
    const { status, bytes } = await call("GET", `/v2/${repository}/blobs/${digest}`, { auth })
    expect([status, bytes.equals(content)]).toEqual([200, true])
  })

describe("a token that is revoked while a body is on its way", () => {
  async function aFleetingToken() {
    const { secret, token } = await issueToken(alice, { name: "fleeting", scopes: ["push"] })
    return { authorization: basic(alice.username, secret), revoke: () => revokeToken(alice, token.id) }
  }

  test("makes no version", async () => {
    const { model, repository } = await aRepository()
    const { authorization, revoke } = await aFleetingToken()
    const image = anImage()
    await pushBlob(registry, repository, authorization, image.layer)
    await pushBlob(registry, repository, authorization, image.config)
    const socket = await begun("PUT", `/v2/${repository}/manifests/latest`, {
      authorization,
      length: image.manifest.length,
      first: image.manifest.slice(0, 50),
    })
    await vi.waitFor(
      async () =>
        expect((await listTokens(alice)).find(({ name }) => name === "fleeting")?.last_used_at).not.toBeNull(),
      { timeout: 30_000 },
    )
    await new Promise((resume) => setTimeout(resume, 100))
    await revoke()
    expect(await answerOn(socket, image.manifest.slice(50))).toContain("401")
    socket.destroy()
    expect((await listVersions(alice, alice.username, model.name)).rows).toEqual([])
  })

  test("keeps no content", async () => {
    const { repository } = await aRepository()
    const { authorization, revoke } = await aFleetingToken()
    const content = randomBytes(1000)
    const socket = await begun("PUT", `${await begin(repository)}?digest=${sha256(content)}`, {
      authorization,
      length: 1000,
      first: content.subarray(0, 500),
    })
    await new Promise((resume) => setTimeout(resume, 100))
    await revoke()
    expect(await answerOn(socket, content.subarray(500))).toContain("401")
    socket.destroy()
    expect((await call("HEAD", `/v2/${repository}/blobs/${sha256(content)}`, { auth })).status).toBe(404)
  })
})

describe("a manifest that an index is made of", () => {
  async function anIndex(visibility: "public" | "private") {
    const { model, repository } = await aRepository(visibility)
    const child = anImage()
    await pushImage(registry, repository, auth, child, "child")
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: formats.oci.index,
      manifests: [
        {
          mediaType: child.type,
          digest: child.digest,
          size: child.manifest.length,
          platform: { os: "linux", architecture: "amd64" },
        },
      ],
    })
    expect(
      (
        await call("PUT", `/v2/${repository}/manifests/index`, {
          auth,
          headers: { "content-type": formats.oci.index },
          body: index,
        })
      ).status,
    ).toBe(201)
    return { model, repository, child, index }
  }

  test("cannot be deleted, so that a version stays whole", async () => {
    const { repository } = await aRepository()
    const child = anImage()
    await pushImage(registry, repository, auth, child, child.digest)
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: formats.oci.index,
      manifests: [
        {
          mediaType: child.type,
          digest: child.digest,
          size: child.manifest.length,
          platform: { os: "linux", architecture: "amd64" },
        },
      ],
    })
    await call("PUT", `/v2/${repository}/manifests/index`, {
      auth,
      headers: { "content-type": formats.oci.index },
      body: index,
    })
    expect(await call("DELETE", `/v2/${repository}/manifests/${child.digest}`, { auth })).toMatchObject({
      status: 403,
      code: "DENIED",
      message: expect.stringContaining("An index of"),
    })
    expect((await call("GET", `/v2/${repository}/manifests/${child.digest}`, { auth })).status).toBe(200)
  })

  test("stays when the version that it is goes, and goes with the index", async () => {
    const { model, repository, child, index } = await anIndex("private")
    const status = async (reference: string) =>
      (await call("GET", `/v2/${repository}/manifests/${reference}`, { auth })).status
    expect((await call("DELETE", `/v2/${repository}/manifests/${child.digest}`, { auth })).status).toBe(202)
    expect((await listVersions(alice, alice.username, model.name)).rows.map(({ id }) => id)).toEqual([
      sha256(index).slice(7),
    ])
    expect([await status("child"), await status(child.digest)]).toEqual([404, 200])
    expect((await call("HEAD", `/v2/${repository}/blobs/${sha256(child.layer)}`, { auth })).status).toBe(200)
    expect((await call("DELETE", `/v2/${repository}/manifests/${sha256(index)}`, { auth })).status).toBe(202)
    expect([
      await status(child.digest),
      (await call("HEAD", `/v2/${repository}/blobs/${sha256(child.layer)}`, { auth })).status,
    ]).toEqual([404, 404])
  })
})

describe("an image whose labels would weigh on every list", () => {
  const schemaWith = (more: object) =>
    JSON.stringify({ components: { schemas: { Input: { type: "object", properties: {} } } }, ...more })
  const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`

  test.each([
    ["a schema of 300 kB", schemaWith({ long: "x".repeat(300_000) }), "larger than 256 kB"],
    ["a schema that is 5,000 levels deep", `{"components":{"schemas":{"Input":${deep}}}}`, "levels deep"],
  ])("is refused in words: %s", async (_, schema, words) => {
    const { model, repository } = await aRepository()
    const image = anImage({ labels: cogLabels({ "run.cog.openapi_schema": schema }) })
    expect(await pushImage(registry, repository, auth, image)).toMatchObject({
      status: 400,
      code: "MANIFEST_INVALID",
      message: expect.stringContaining(words),
    })
    expect((await listVersions(alice, alice.username, model.name)).rows).toEqual([])
  })

  test("keeps as many of them as are worth showing, and a config that can be kept", async () => {
    const { model, repository } = await aRepository()
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`label.${n}`, "x"]))
    await pushImage(
      registry,
      repository,
      auth,
      anImage({ labels: cogLabels({ ...many, "run.cog.config": deep, ["long".repeat(1000)]: "x" }) }),
    )
    const [listed] = (await listVersions(alice, alice.username, model.name)).rows
    const version = await getVersion(alice, alice.username, model.name, listed!.id)
    expect([Object.keys(version!.labels!).length, version!.cog_config]).toEqual([200, null])
  })
})

describe("what no client sends", () => {
  test("parameters that are there twice count once", async () => {
    const { repository } = await aRepository()
    const registryToken = JSON.parse(
      (await call("GET", `/v2/token?scope=repository:${repository}:pull,push`, { auth })).text,
    ).token
    const twice = `mount=${sha256("x")}&from=a/b&from=c/d`
    expect(
      (await call("POST", `/v2/${repository}/blobs/uploads/?${twice}`, { auth: `Bearer ${registryToken}` })).status,
    ).toBe(202)
    expect((await call("GET", `/v2/${repository}/tags/list?n=1&n=2&last=a&last=b`, { auth })).status).toBe(200)
  })

  test("an upload with an id that is none is unknown", async () => {
    const { repository } = await aRepository()
    for (const id of ["%00", "..%2f..%2fx", "x"])
      expect(await call("GET", `/v2/${repository}/blobs/uploads/${id}`, { auth })).toMatchObject({
        status: 404,
        code: "BLOB_UPLOAD_UNKNOWN",
      })
  })

  test("types that hold a NUL are refused", async () => {
    const { repository } = await aRepository()
    const image = anImage()
    await pushBlob(registry, repository, auth, image.layer)
    await pushBlob(registry, repository, auth, image.config)
    for (const broken of [
      { artifactType: "a/b\0" },
      { config: { ...JSON.parse(image.manifest).config, mediaType: "a/b\0" } },
    ]) {
      const body = JSON.stringify({ ...JSON.parse(image.manifest), ...broken })
      expect(
        await call("PUT", `/v2/${repository}/manifests/${sha256(body)}`, {
          auth,
          headers: { "content-type": image.type },
          body,
        }),
      ).toMatchObject({ status: 400, code: "MANIFEST_INVALID" })
    }
  })

  test("annotations that hold one are kept", async () => {
    const { repository } = await aRepository()
    const image = anImage()
    const body = JSON.stringify({ ...JSON.parse(image.manifest), annotations: { "a\0": "b\0" } })
    expect(
      (await pushImage(registry, repository, auth, { ...image, manifest: body, digest: sha256(body) })).status,
    ).toBe(201)
  })
})
