import { afterAll, beforeAll, describe, expect, test } from "vitest"

import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { aRegistry, basic, formats, pushBlob, sha256, type Registry } from "@/lib/test/registry"
import { maxCpuMs, spent } from "@/lib/test/cpu"

let registry: Registry
let auth: string
let repo: string
let config: string

beforeAll(async () => {
  registry = await aRegistry()
  const { actor } = await anAccount()
  const { name } = await aModel(actor)
  repo = `${actor.username}/${name}`
  auth = basic(actor.username, await aToken(actor))
  config = await pushBlob(registry, repo, auth, "{}")
})
afterAll(() => registry.close())

const anArtifact = (subject: string, more: object = {}) => ({
  schemaVersion: 2,
  mediaType: formats.oci.manifest,
  artifactType: "application/x.signature",
  config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: 2 },
  layers: [],
  subject: { mediaType: formats.oci.manifest, digest: subject, size: 1 },
  ...more,
})

function put(manifest: object) {
  const body = JSON.stringify(manifest)
  const headers = { "content-type": String((manifest as { mediaType: string }).mediaType) }
  return registry.call("PUT", `/v2/${repo}/manifests/${sha256(body)}`, { auth, body, headers })
}

const get = (path: string) => registry.call("GET", path, { auth })

describe("what refers to a manifest", () => {
  test("is answered in pages of bytes, each of which names the next, and in the order it was pushed", async () => {
    const subject = sha256("pages")
    const pushed: string[] = []
    for (let n = 0; n < 150; n++) {
      const artifactType = n % 3 === 0 ? "application/x.bom" : "application/x.signature"
      const artifact = anArtifact(subject, { artifactType, annotations: { n: String(n), text: "x".repeat(15_000) } })
      expect((await put(artifact)).status).toBe(201)
      pushed.push(sha256(JSON.stringify(artifact)))
    }
    for (const [query, expected] of [
      ["", pushed],
      ["?artifactType=application/x.signature", pushed.filter((_, n) => n % 3 !== 0)],
    ] as const) {
      const found: string[] = []
      const sizes: number[] = []
      for (let path: string | undefined = `/v2/${repo}/referrers/${subject}${query}`; path;) {
        const { status, text, headers } = await get(path)
        expect(status).toBe(200)
        found.push(...(JSON.parse(text).manifests as { digest: string }[]).map(({ digest }) => digest))
        sizes.push(text.length)
        path = /^<(.+)>; rel="next"$/.exec(String(headers.link ?? ""))?.[1]
      }
      expect(found).toEqual(expected)
      expect(sizes.length).toBeGreaterThan(1)
      expect(Math.max(...sizes)).toBeLessThan(1.1 * 1024 * 1024)
    }
  })

  test("is told with as many of its annotations as fit", async () => {
    const subject = sha256("annotations")
    const annotations = { short: "s", long: "x".repeat(1_000_000), after: "a" }
    await put(anArtifact(subject, { annotations }))
    const { text } = await get(`/v2/${repo}/referrers/${subject}`)
    expect(JSON.parse(text).manifests[0].annotations).toEqual({ short: "s" })
    expect((await get(`/v2/${repo}/manifests/${JSON.parse(text).manifests[0].digest}`)).text).toContain("after")
  })

  test("a place that is none is refused", async () => {
    for (const last of ["x", "", Buffer.from("a b").toString("base64url")])
      expect((await get(`/v2/${repo}/referrers/${sha256("x")}?last=${last}`)).status).toBe(400)
  })
})

describe("a manifest is refused", () => {
  test.each<[string, () => object]>([
    ["with a type that is longer than types are", () => anArtifact(sha256("x"), { artifactType: "a".repeat(256) })],
    [
      "with more layers than any image has",
      () => anArtifact(sha256("x"), { layers: Array(2001).fill(anArtifact("").config) }),
    ],
    [
      "made of too many parts to be read",
      () =>
        anArtifact(sha256("x"), {
          more: "[],"
            .repeat(100_000)
            .split(",")
            .map(() => []),
        }),
    ],
  ])("%s", async (_, manifest) => {
    expect(await put(manifest())).toMatchObject({ status: 400, code: "MANIFEST_INVALID" })
  })
})

test("an index that names another one a thousand times is read in time", async () => {
  const entry = (digest: string, mediaType: string = formats.oci.index) => ({ mediaType, digest, size: 1 })
  let inner = anArtifact(sha256("x"), { subject: undefined, artifactType: undefined }) as object
  await put(inner)
  let digest = sha256(JSON.stringify(inner))
  for (let depth = 0; depth < 4; depth++) {
    inner = {
      schemaVersion: 2,
      mediaType: formats.oci.index,
      manifests: Array(1000).fill(entry(digest, depth === 0 ? formats.oci.manifest : formats.oci.index)),
    }
    expect((await put(inner)).status).toBe(201)
    digest = sha256(JSON.stringify(inner))
  }
  const headers = { "content-type": formats.oci.index }
  const body = JSON.stringify(inner)
  const pushNested = () => registry.call("PUT", `/v2/${repo}/manifests/nested`, { auth, body, headers })
  expect((await spent(pushNested)).ms).toBeLessThan(maxCpuMs)
})
