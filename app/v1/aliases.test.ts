import { afterAll, beforeAll, describe, expect, test } from "vitest"

import { write } from "@/db"
import { tags } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import { apiFor, type CallApi } from "@/lib/test/api"
import { aModel, anAccount, aToken, aVersion } from "@/lib/test/factories"
import { anImage, aRegistry, basic, pushImage, type Registry, formats } from "@/lib/test/registry"

let call: CallApi
let registry: Registry
let alice: Actor
let auth: string

beforeAll(async () => {
  registry = await aRegistry()
  alice = (await anAccount()).actor
  const token = await aToken(alice)
  auth = basic(alice.username, token)
  ;({ call } = await apiFor(token))
})
afterAll(() => registry.close())

async function twoVersions() {
  const model = await aModel(alice)
  const images = [anImage(), anImage()] as const
  for (const image of images) await pushImage(registry, `${alice.username}/${model.name}`, auth, image)
  const url = `/v1/models/${alice.username}/${model.name}/aliases`
  return {
    model,
    url,
    ids: images.map(({ digest }) => digest.slice(7)) as [string, string],
    digests: images.map(({ digest }) => digest),
  }
}
const tagged = async ({ name }: Model, tag: string) =>
  (await registry.call("HEAD", `/v2/${alice.username}/${name}/manifests/${tag}`, { auth })).headers[
    "docker-content-digest"
  ]

describe("latest", () => {
  test("is the version that the API calls the latest, whatever is pushed, named or deleted", async () => {
    const { model, ids, digests } = await twoVersions()
    const repository = `${alice.username}/${model.name}`
    const image = anImage()
    await pushImage(registry, repository, auth, image, "canary")
    expect(await tagged(model, "latest")).toBe(image.digest)

    await call("PATCH", `/v1/models/${repository}`, { body: { visibility: "private" } })
    await call("DELETE", `/v1/models/${repository}/versions/${image.digest.slice(7)}`)
    expect(await tagged(model, "latest")).toBe(digests[1])
    expect((await call("GET", `/v1/models/${repository}`)).body.latest_version.id).toBe(ids[1])
    await call("DELETE", `/v1/models/${repository}/versions/${ids[0]}`)
    expect(await tagged(model, "latest")).toBe(digests[1])
    await call("DELETE", `/v1/models/${repository}/versions/${ids[1]}`)
    expect(await tagged(model, "latest")).toBeUndefined()
  })

  test("is nobody's to take away", async () => {
    const { model, url, digests } = await twoVersions()
    const place = `/v2/${alice.username}/${model.name}/manifests/latest`
    expect(await registry.call("DELETE", place, { auth })).toMatchObject({ status: 403, code: "DENIED" })
    expect((await call("DELETE", `${url}/latest`)).body.detail).toContain("latest always names the latest version")
    expect(await tagged(model, "latest")).toBe(digests[1])
  })

  test("cannot be an artifact", async () => {
    const { model, digests } = await twoVersions()
    const repository = `${alice.username}/${model.name}`
    const artifact = anImage({ manifest: { artifactType: "application/vnd.example" } })
    expect(await pushImage(registry, repository, auth, artifact)).toMatchObject({
      status: 400,
      code: "MANIFEST_INVALID",
      message: expect.stringContaining("contains no image. Push it with another tag."),
    })
    expect((await pushImage(registry, repository, auth, artifact, "other")).status).toBe(201)
    expect(await tagged(model, "latest")).toBe(digests[1])
  })

  test("names no image while the latest version has none", async () => {
    const { model } = await twoVersions()
    await aVersion(alice, model)
    expect(await tagged(model, "latest")).toBeUndefined()
  })
})

describe("a name for a version", () => {
  test("is what its image is pulled by, and moves", async () => {
    const { model, url, ids, digests } = await twoVersions()
    expect((await call("PUT", `${url}/stable`, { body: { version: ids[0] } })).body).toMatchObject({
      name: "stable",
      version: ids[0],
    })
    expect(await tagged(model, "stable")).toBe(digests[0])
    await call("PUT", `${url}/stable`, { body: { version: ids[1] } })
    expect(await tagged(model, "stable")).toBe(digests[1])
    expect((await call("GET", url)).body).toMatchObject([
      { name: "latest", version: ids[1] },
      { name: "stable", version: ids[1] },
    ])
  })

  test("goes without its version, and with it", async () => {
    const { url, ids, model } = await twoVersions()
    for (const name of ["stable", "canary"]) await call("PUT", `${url}/${name}`, { body: { version: ids[0] } })
    expect((await call("DELETE", `${url}/canary`)).status).toBe(204)
    expect((await call("DELETE", `${url}/canary`)).status).toBe(404)
    await call("PATCH", `/v1/models/${alice.username}/${model.name}`, { body: { visibility: "private" } })
    await call("DELETE", `/v1/models/${alice.username}/${model.name}/versions/${ids[0]}`)
    expect((await call("GET", url)).body.map(({ name }: { name: string }) => name)).toEqual(["latest"])
  })

  test("is in the record with who gave it and who took it away, over either API", async () => {
    const { model, url, ids } = await twoVersions()
    await call("PUT", `${url}/stable`, { body: { version: ids[0] } })
    await call("DELETE", `${url}/stable`)
    await call("PUT", `${url}/canary`, { body: { version: ids[0] } })
    await registry.call("DELETE", `/v2/${alice.username}/${model.name}/manifests/canary`, { auth })
    const { body } = await call("GET", "/v1/account/events?topic=models")
    expect(body.results.slice(0, 4)).toMatchObject([
      { action: "alias.removed", subject: model.name, details: { alias: "canary" }, via: "registry", token: "test" },
      { action: "alias.moved" },
      { action: "alias.removed", subject: model.name, details: { alias: "stable" }, via: "api", token: "test" },
      { action: "alias.moved", subject: model.name, details: { alias: "stable", version: ids[0] }, via: "api" },
    ])
  })

  test.each([
    ["latest", {}, "latest always names the latest version"],
    [".x", {}, "letters, numbers"],
    ["cog-image.x", {}, "are reserved"],
    ["stable", { version: undefined }, "Enter a version."],
  ])("%s with %j is refused in words", async (alias, body, words) => {
    const { url, ids } = await twoVersions()
    const answer = await call("PUT", `${url}/${alias}`, { body: { version: ids[0], ...body } })
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining(words)])
  })

  test("is not what a tool made for itself", async () => {
    const { model, url, digests } = await twoVersions()
    const repository = `${alice.username}/${model.name}`
    const image = (await registry.call("GET", `/v2/${repository}/manifests/${digests[0]}`, { auth })).text
    for (const tag of ["cog-image.20260508T153042Z", `${digests[0]!.replace(":", "-")}.sig`])
      expect(
        (
          await registry.call("PUT", `/v2/${repository}/manifests/${tag}`, {
            auth,
            headers: { "content-type": formats.oci.manifest },
            body: image,
          })
        ).status,
      ).toBe(201)
    expect((await call("GET", url)).body.map(({ name }: { name: string }) => name)).toEqual(["latest"])
  })

  test("cannot stand for what is not a version, or was not pushed", async () => {
    const { url, model } = await twoVersions()
    expect((await call("PUT", `${url}/stable`, { body: { version: "0".repeat(64) } })).status).toBe(404)
    const { id } = await aVersion(alice, model)
    expect((await call("PUT", `${url}/stable`, { body: { version: id } })).body.detail).toContain("has no image")
  })

  test("is the owner's to move, and hidden with a private model", async () => {
    const { url, ids } = await twoVersions()
    const token = await aToken((await anAccount()).actor)
    expect((await call("GET", url, { token })).status).toBe(200)
    expect((await call("PUT", `${url}/stable`, { token, body: { version: ids[0] } })).status).toBe(403)
    expect((await call("DELETE", `${url}/latest`, { token })).status).toBe(403)
    const hidden = await aModel(alice, { visibility: "private" })
    expect((await call("GET", `/v1/models/${alice.username}/${hidden.name}/aliases`, { token })).status).toBe(404)
  })
})

test("a list has at most a thousand names, those that moved last, and the others can be changed all the same", async () => {
  const { model, url, ids } = await twoVersions()
  const at = (n: number) => `2026-01-01T00:00:00.${String(n).padStart(6, "0")}Z`
  const rows = Array.from({ length: 1003 }, (_, n) => ({ name: `n${String(n).padStart(4, "0")}`, moved_at: at(n) }))
  const tools = rows.map(({ moved_at }, n) => ({ name: `cog-image.${n}`, moved_at: moved_at.replace("2026", "2027") }))
  const digest = `sha256:${ids[0]}`
  for (const some of [rows, tools])
    await write((tx) => tx.insert(tags).values(some.map((row) => ({ ...row, model_id: model.id, digest }))))

  const { body } = await call("GET", url)
  const names = body.map(({ name }: { name: string }) => name)
  expect(names).toEqual(["latest", ...rows.slice(4).map(({ name }) => name)])
  expect((await call("PUT", `${url}/n0000`, { body: { version: ids[1] } })).body).toMatchObject({ version: ids[1] })
  expect((await call("DELETE", `${url}/n0001`)).status).toBe(204)
})
