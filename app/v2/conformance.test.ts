import { createHash, randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { aRegistry, basic, cogLabels, formats, type Registry } from "@/lib/test/registry"

// The cases of the OCI distribution 1.1 conformance suite: every way to upload × both digest algorithms, and every kind
// of manifest × every operation on it. registry.test.ts covers the endpoints one by one.

let registry: Registry
let alice: Actor
let auth: string
let repo: string
let other: string

beforeAll(async () => {
  registry = await aRegistry()
  ;({ actor: alice } = await anAccount())
  auth = basic(alice.username, await aToken(alice))
  ;[repo, other] = (await Promise.all([aRepo(), aRepo()])) as [string, string]
})
afterAll(() => registry.close())

const aRepo = async () => `${alice.username}/${(await aModel(alice, { visibility: "private" })).name}`
const call = (method: string, path: string, sent: Parameters<Registry["call"]>[2] = {}) =>
  registry.call(method, path, { auth, ...sent })

const algorithms = ["sha256", "sha512"] as const
type Algorithm = (typeof algorithms)[number]
const digestOf = (content: string | Buffer, algorithm: Algorithm = "sha256") =>
  `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`

const begin = async () => (await call("POST", `/v2/${repo}/blobs/uploads/`)).headers.location!
const finish = (place: string, digest: string, sent = {}) => call("PUT", `${place}?digest=${digest}`, sent)
const chunk = (method: "PATCH" | "PUT", place: string, content: Buffer, start: number, end: number) =>
  call(method, place, {
    headers: { "content-range": `${start}-${end - 1}`, "content-type": "application/octet-stream" },
    body: content.subarray(start, end),
  })

/** Uploads in three chunks, the last one in the PUT if `withPut`. Calls `before` ahead of each chunk. */
async function inChunks(
  content: Buffer,
  digest: string,
  { withPut, before }: { withPut: boolean; before?: (place: string, at: number) => Promise<void> },
) {
  const third = Math.ceil(content.length / 3)
  let place = await begin()
  for (let start = 0; start < content.length; start += third) {
    const end = Math.min(content.length, start + third)
    await before?.(place, start)
    if (withPut && end === content.length) return chunk("PUT", `${place}?digest=${digest}`, content, start, end)
    const answer = await chunk("PATCH", place, content, start, end)
    expect([answer.status, answer.headers.range]).toEqual([202, `0-${end - 1}`])
    place = answer.headers.location!
  }
  return finish(place, digest)
}

/** Expects that a chunk with the wrong offset is rejected and that the upload reports how much it has received. */
async function outOfOrder(place: string, at: number) {
  const wrong = await call("PATCH", place, {
    headers: { "content-range": `${at + 7}-${at + 16}` },
    body: randomBytes(10),
  })
  expect([wrong.status, wrong.headers.location]).toEqual([416, place])
  const { status, headers } = await call("GET", place)
  expect([status, headers.range]).toEqual([204, `0-${Math.max(0, at - 1)}`])
}

const ways: [name: string, upload: (content: Buffer, digest: string) => Promise<Awaited<ReturnType<typeof call>>>][] = [
  ["POST alone", (content, digest) => call("POST", `/v2/${repo}/blobs/uploads/?digest=${digest}`, { body: content })],
  ["POST and PUT", async (content, digest) => finish(await begin(), digest, { body: content })],
  [
    "one chunk",
    async (content, digest) =>
      finish((await chunk("PATCH", await begin(), content, 0, content.length)).headers.location!, digest),
  ],
  [
    "a stream",
    async (content, digest) =>
      finish((await call("PATCH", await begin(), { chunked: true, body: content })).headers.location!, digest),
  ],
  ["chunks", (content, digest) => inChunks(content, digest, { withPut: false })],
  ["chunks, the last with the PUT", (content, digest) => inChunks(content, digest, { withPut: true })],
  ["chunks, some out of order", (content, digest) => inChunks(content, digest, { withPut: false, before: outOfOrder })],
  [
    "chunks, some out of order and the last with the PUT",
    (content, digest) => inChunks(content, digest, { withPut: true, before: outOfOrder }),
  ],
]

describe.each(algorithms)("a blob known by its %s", (algorithm) => {
  test.each(ways)("is uploaded by %s, found, pulled and deleted", async (_, upload) => {
    const content = randomBytes(3000)
    const digest = digestOf(content, algorithm)
    const place = `/v2/${repo}/blobs/${digest}`
    expect(await call("GET", place)).toMatchObject({ status: 404, code: "BLOB_UNKNOWN" })
    expect(await upload(content, digest)).toMatchObject({
      status: 201,
      headers: { location: place, "docker-content-digest": digest },
    })
    expect(await call("HEAD", place)).toMatchObject({
      status: 200,
      text: "",
      headers: { "content-length": "3000", "docker-content-digest": digest },
    })
    expect((await call("GET", place)).bytes.equals(content)).toBe(true)
    expect((await call("DELETE", place)).status).toBe(202)
    expect((await call("HEAD", place)).status).toBe(404)
  })

  test.each(ways)("is not kept when it came by %s with another digest", async (_, upload) => {
    const digest = digestOf(randomBytes(10), algorithm)
    expect(await upload(randomBytes(3000), digest)).toMatchObject({ status: 400, code: "DIGEST_INVALID" })
    expect((await call("HEAD", `/v2/${repo}/blobs/${digest}`)).status).toBe(404)
  })

  test.each(["", "{}"])("may hold nothing, or next to nothing: %j", async (content) => {
    const digest = digestOf(content, algorithm)
    expect((await finish(await begin(), digest, { body: content })).status).toBe(201)
    expect(await call("GET", `/v2/${repo}/blobs/${digest}`)).toMatchObject({
      status: 200,
      text: content,
      headers: { "content-length": String(content.length) },
    })
  })

  test("is mounted from another model, and not from one that does not hold it", async () => {
    const content = randomBytes(512)
    const digest = digestOf(content, algorithm)
    const mount = () => call("POST", `/v2/${other}/blobs/uploads/?mount=${digest}&from=${repo}`)
    expect(await mount()).toMatchObject({
      status: 202,
      headers: { location: expect.stringContaining(`/v2/${other}/blobs/uploads/`) },
    })
    await finish(await begin(), digest, { body: content })
    expect(await mount()).toMatchObject({ status: 201, headers: { location: `/v2/${other}/blobs/${digest}` } })
    expect((await call("GET", `/v2/${other}/blobs/${digest}`)).bytes.equals(content)).toBe(true)
  })

  test.each([
    ["bytes=0-499", 206, 0, 500],
    ["bytes=500-999", 206, 500, 1000],
    ["bytes=1500-", 206, 1500, 2048],
    ["bytes=-100", 206, 1948, 2048],
    ["bytes=2000-5000", 206, 2000, 2048],
    ["bytes=500-0", 416, 0, 0],
    ["bytes=5000-10000", 416, 0, 0],
  ])("is pulled in part: %s", async (range, expected, start, end) => {
    const content = randomBytes(2048)
    const digest = digestOf(content, algorithm)
    await finish(await begin(), digest, { body: content })
    const { status, headers, bytes } = await call("GET", `/v2/${repo}/blobs/${digest}`, { headers: { range } })
    expect(status).toBe(expected)
    if (status === 416) return expect(headers["content-range"]).toBe("bytes */2048")
    expect([headers["content-range"], headers["content-length"]]).toEqual([
      `bytes ${start}-${end - 1}/2048`,
      String(end - start),
    ])
    expect(bytes.equals(content.subarray(start, end))).toBe(true)
  })
})

type Part = { mediaType: string; digest: string; size: number; [more: string]: unknown }
type Put = { body: string; type: string; digest: string }

async function blob(content: string | Buffer, mediaType: string, algorithm: Algorithm = "sha256"): Promise<Part> {
  const digest = digestOf(content, algorithm)
  await finish(await begin(), digest, { body: content })
  return { mediaType, digest, size: Buffer.byteLength(content) }
}

const put = (manifest: Record<string, unknown>, algorithm: Algorithm = "sha256"): Put => {
  const body = JSON.stringify({ schemaVersion: 2, ...manifest })
  return { body, type: String(manifest.mediaType), digest: digestOf(body, algorithm) }
}

type Making = {
  algorithm?: Algorithm
  layers?: number
  layer?: string
  architecture?: string
  more?: Record<string, unknown>
  part?: (part: Part, content: string | Buffer) => Part
}

async function image({
  algorithm = "sha256",
  layers = 2,
  layer = formats.oci.layer,
  architecture = "amd64",
  more,
  part = (one) => one,
}: Making = {}): Promise<Put> {
  const contents = Array.from({ length: layers }, () => randomBytes(200))
  const config = JSON.stringify({
    os: "linux",
    architecture,
    config: { Labels: cogLabels() },
    rootfs: { type: "layers", diff_ids: contents.map((one) => digestOf(one)) },
  })
  return put(
    {
      mediaType: formats.oci.manifest,
      config: part(await blob(config, formats.oci.config, algorithm), config),
      layers: await Promise.all(contents.map(async (one) => part(await blob(one, layer, algorithm), one))),
      ...more,
    },
    algorithm,
  )
}

const empty = "application/vnd.oci.empty.v1+json"
const example = "application/vnd.example.oci.conformance.v1"

const artifact = async (more: Record<string, unknown> = {}, layer: Buffer | "{}" = randomBytes(100)) =>
  put({
    mediaType: formats.oci.manifest,
    artifactType: example,
    config: await blob("{}", empty),
    layers: [await blob(layer, layer === "{}" ? empty : example)],
    ...more,
  })

const index = (
  parts: [of: Put, platform?: object][],
  { algorithm, ...more }: { algorithm?: Algorithm } & Record<string, unknown> = {},
) =>
  put(
    {
      mediaType: formats.oci.index,
      manifests: parts.map(([of, platform]) => ({
        mediaType: of.type,
        digest: of.digest,
        size: of.body.length,
        ...(platform && { platform }),
      })),
      ...more,
    },
    algorithm,
  )

const [amd64, arm64] = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }))

async function platforms(
  making: Making = {},
  more: { algorithm?: Algorithm } & Record<string, unknown> = {},
): Promise<Put[]> {
  const both = [await image(making), await image({ ...making, architecture: "arm64" })] as const
  return [
    ...both,
    index(
      [
        [both[0], amd64],
        [both[1], arm64],
      ],
      more,
    ),
  ]
}

/** What each case pushes, in order. The last manifest is tagged unless it is `untagged`. */
const kinds: [name: string, make: () => Promise<Put[]>, options?: { untagged?: true }][] = [
  ["an image", async () => [await image()]],
  ["an image that is not compressed", async () => [await image({ layer: "application/vnd.oci.image.layer.v1.tar" })]],
  [
    "an image with a manifest of nearly 4 MB",
    async () => [
      await image({
        more: {
          annotations: Object.fromEntries(Array.from({ length: 390 }, (_, n) => [`large-${n}`, "A".repeat(10_000)])),
        },
      }),
    ],
  ],
  ["an image without layers", async () => [await image({ layers: 0 })]],
  [
    "an image whose parts hold their data as well",
    async () => [
      await image({ part: (part, content) => ({ ...part, data: Buffer.from(content).toString("base64") }) }),
    ],
  ],
  [
    "an image with fields that nobody knows",
    async () => [
      await image({ more: { "org.example": { deep: [1, null] } }, part: (part) => ({ ...part, "org.example": true }) }),
    ],
  ],
  [
    "an image with layers that are elsewhere",
    async () => {
      const there = [randomBytes(8), randomBytes(8)].map((one) => ({
        mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
        digest: digestOf(one),
        size: 123,
        urls: ["https://store.example.com/x"],
      }))
      const here = await image()
      const manifest = JSON.parse(here.body)
      return [put({ ...manifest, layers: [...there, ...manifest.layers] })]
    },
  ],
  ["an index", () => platforms()],
  ["an index without anything", async () => [index([])]],
  [
    "an index of indexes",
    async () => {
      const [one, two] = [await platforms(), await platforms()]
      return [...one, ...two, index([[one.at(-1)!], [two.at(-1)!]])]
    },
  ],
  ["an artifact", async () => [await artifact()]],
  ["an artifact without layers of its own", async () => [await artifact({}, "{}")]],
  [
    "an index of artifacts",
    async () => {
      const one = await artifact()
      return [one, index([[one, amd64]], { artifactType: example })]
    },
  ],
  [
    "what is known by its SHA-512",
    () => platforms({ algorithm: "sha512" }, { algorithm: "sha512" }),
    { untagged: true },
  ],
]

describe.each(kinds)("%s", (_, make, { untagged } = {}) => {
  test("is pushed by digest, then by tag, found, listed, pulled and deleted", async () => {
    const all = await make()
    for (const { body, type, digest } of all) {
      const answer = await call("PUT", `/v2/${repo}/manifests/${digest}`, { headers: { "content-type": type }, body })
      expect(answer, answer.text).toMatchObject({
        status: 201,
        headers: { location: `/v2/${repo}/manifests/${digest}`, "docker-content-digest": digest },
      })
    }
    const top = all.at(-1)!
    const tag = `conformance-${randomBytes(4).toString("hex")}`
    if (!untagged) {
      expect(
        (await call("PUT", `/v2/${repo}/manifests/${tag}`, { headers: { "content-type": top.type }, body: top.body }))
          .status,
      ).toBe(201)
      const listed = async (query: string) =>
        JSON.parse((await call("GET", `/v2/${repo}/tags/list${query}`)).text).tags as string[]
      expect(await listed("")).toContain(tag)
      expect(await listed(`?last=${tag}`)).not.toContain(tag)
    }
    for (const { reference, of } of [
      ...all.map((of) => ({ reference: of.digest, of })),
      ...(untagged ? [] : [{ reference: tag, of: top }]),
    ]) {
      const headers = {
        "content-type": of.type,
        "content-length": String(of.body.length),
        "docker-content-digest": of.digest,
      }
      expect(await call("HEAD", `/v2/${repo}/manifests/${reference}`)).toMatchObject({ status: 200, headers, text: "" })
      const { status, text } = await call("GET", `/v2/${repo}/manifests/${reference}`, { headers: { accept: of.type } })
      expect([status, text === of.body]).toEqual([200, true])
    }

    for (const reference of [...(untagged ? [] : [tag]), ...all.map(({ digest }) => digest).reverse()]) {
      expect([202, 404]).toContain((await call("DELETE", `/v2/${repo}/manifests/${reference}`)).status)
      expect((await call("HEAD", `/v2/${repo}/manifests/${reference}`)).status).toBe(404)
    }
  })

  test("is refused under another digest", async () => {
    const top = (await make()).at(-1)!
    for (const wrong of [digestOf(`${top.body}  `), "sha256:baddigeststring"])
      expect(
        await call("PUT", `/v2/${repo}/manifests/${wrong}`, { headers: { "content-type": top.type }, body: top.body }),
      ).toMatchObject({ status: 400, code: "DIGEST_INVALID" })
  })
})

describe("a manifest that speaks of another", () => {
  const subjects: [name: string, make: () => Promise<{ subject: Part; about: Put[] }>][] = [
    [
      "images and artifacts of an image",
      async () => {
        const subject = partOf(await pushed(await image()))
        const note = { annotations: { "org.opencontainers.conformance": "hello" }, subject }
        return {
          subject,
          about: [
            await image({ more: { subject } }),
            await artifact(note),
            await artifact({ ...note, artifactType: "application/vnd.example.v2" }),
          ],
        }
      },
    ],
    [
      "an index of an index",
      async () => {
        const all = await platforms()
        for (const one of all) await pushed(one)
        const subject = partOf(all.at(-1)!)
        const one = await pushed(await artifact())
        return { subject, about: [index([[one, amd64]], { artifactType: example, annotations: { a: "b" }, subject })] }
      },
    ],
    [
      "an artifact of what is not here",
      async () => {
        const subject = { mediaType: formats.oci.manifest, size: 123, digest: digestOf("missing content") }
        return { subject, about: [await artifact({ subject })] }
      },
    ],
  ]

  test.each(subjects)("%s: is listed with what it is, by its type too, until it is deleted", async (_, make) => {
    const { subject, about } = await make()
    for (const { body, type, digest } of about)
      expect(
        await call("PUT", `/v2/${repo}/manifests/${digest}`, { headers: { "content-type": type }, body }),
      ).toMatchObject({ status: 201, headers: { "oci-subject": subject.digest } })

    const expected = about.map(({ body, type, digest }) => {
      const { artifactType, config, annotations } = JSON.parse(body)
      return {
        mediaType: type,
        digest,
        size: body.length,
        artifactType: artifactType ?? config.mediaType,
        ...(annotations && { annotations }),
      }
    })
    expect((await referrers(subject.digest)).manifests).toEqual(expected)
    for (const { artifactType } of expected) {
      const { filters, manifests } = await referrers(
        subject.digest,
        `?artifactType=${encodeURIComponent(artifactType)}`,
      )
      expect([filters, manifests]).toEqual([
        "artifactType",
        expected.filter((one) => one.artifactType === artifactType),
      ])
    }
    for (const { digest } of about) await call("DELETE", `/v2/${repo}/manifests/${digest}`)
    expect((await referrers(subject.digest)).manifests).toEqual([])
  })

  const partOf = ({ type, digest, body }: Put): Part => ({ mediaType: type, digest, size: body.length })
  async function pushed(one: Put) {
    expect(
      (
        await call("PUT", `/v2/${repo}/manifests/${one.digest}`, {
          headers: { "content-type": one.type },
          body: one.body,
        })
      ).status,
    ).toBe(201)
    return one
  }
  async function referrers(digest: string, query = "") {
    const { status, headers, text } = await call("GET", `/v2/${repo}/referrers/${digest}${query}`)
    expect([status, headers["content-type"]]).toEqual([200, formats.oci.index])
    return { filters: headers["oci-filters-applied"], manifests: JSON.parse(text).manifests }
  }
})

describe("parts that are not here", () => {
  test.each([
    [
      "a layer of an image",
      async () =>
        image({
          part: (part) => (part.mediaType === formats.oci.layer ? { ...part, digest: digestOf("gone") } : part),
        }),
    ],
    ["an image of an index", async () => index([[await image(), amd64]])],
  ])("%s: refused with the digest that is missing", async (_, make) => {
    const { body, type, digest } = await make()
    const { manifests, layers } = JSON.parse(body)
    const missing = (manifests ?? layers)[0].digest
    for (const reference of [digest, "sparse"])
      expect(
        await call("PUT", `/v2/${repo}/manifests/${reference}`, { headers: { "content-type": type }, body }),
      ).toMatchObject({
        status: 400,
        code: "MANIFEST_BLOB_UNKNOWN",
        message: expect.stringContaining(missing),
      })
  })
})

describe("every refusal is a list of errors with a code, a sentence and a detail", () => {
  test.each([
    ["NAME_INVALID", "GET", () => "/v2/UPPER/case/tags/list", 400],
    ["NAME_UNKNOWN", "GET", () => "/v2/nobody/nothing/tags/list", 404],
    ["BLOB_UNKNOWN", "GET", () => `/v2/${repo}/blobs/${digestOf("none")}`, 404],
    ["BLOB_UNKNOWN", "DELETE", () => `/v2/${repo}/blobs/${digestOf("none")}`, 404],
    ["MANIFEST_UNKNOWN", "GET", () => `/v2/${repo}/manifests/none`, 404],
    ["MANIFEST_UNKNOWN", "GET", () => `/v2/${repo}/manifests/${digestOf("none")}`, 404],
    ["MANIFEST_UNKNOWN", "DELETE", () => `/v2/${repo}/manifests/${digestOf("none")}`, 404],
    ["BLOB_UPLOAD_UNKNOWN", "PATCH", () => `/v2/${repo}/blobs/uploads/00000000-0000-0000-0000-000000000000`, 404],
    ["DIGEST_INVALID", "GET", () => `/v2/${repo}/manifests/sha256:baddigeststring`, 400],
    ["SIZE_INVALID", "GET", () => `/v2/${repo}/tags/list?n=many`, 400],
    ["UNSUPPORTED", "PUT", () => `/v2/${repo}/tags/list`, 405],
  ])("%s: %s", async (code, method, path, status) => {
    const answer = await call(method, path())
    expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/json"])
    expect(JSON.parse(answer.text)).toEqual({
      errors: [{ code, message: expect.stringMatching(/^[\s\S]+\.$|^NAME_UNKNOWN/), detail: {} }],
    })
  })
})
