import { eq } from "drizzle-orm"
import { createHash, randomBytes } from "node:crypto"
import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import { write } from "@/db"
import { runners } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { listEvents } from "@/lib/events/list"
import { getModel, type Model } from "@/lib/models/model"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import {
  anImage,
  aRegistry,
  aSchema,
  basic,
  cogLabels,
  formats,
  pushBlob,
  pushImage,
  sha256,
  type Registry,
} from "@/lib/test/registry"
import { getVersion, listVersions } from "@/lib/versions/version"

let registry: Registry
let alice: Actor
let bob: Actor
let auth: string
let bobs: string
let model: Model
let repo: string

beforeAll(async () => {
  registry = await aRegistry()
  ;({ actor: alice } = await anAccount())
  ;({ actor: bob } = await anAccount())
  auth = basic(alice.username, await aToken(alice))
  bobs = basic(bob.username, await aToken(bob))
  model = await aModel(alice)
  repo = `${alice.username}/${model.name}`
})
afterAll(() => registry.close())

const call: Registry["call"] = (...args) => registry.call(...args)
async function versionsOf({ name }: Model) {
  const { rows } = await listVersions(alice, alice.username, name)
  return Promise.all(rows.map(({ id }) => getVersion(alice, alice.username, name, id)))
}

async function aPrivateModel() {
  const hidden = await aModel(alice, { visibility: "private" })
  return { hidden, repo: `${alice.username}/${hidden.name}` }
}

const begin = async (repository = repo) =>
  (await call("POST", `/v2/${repository}/blobs/uploads/`, { auth })).headers.location!

describe("end-1: GET /v2/", () => {
  test("answers 200 to who has signed in", async () => {
    const { status, text, headers } = await call("GET", "/v2/", { auth })
    expect([status, text, headers["docker-distribution-api-version"]]).toEqual([200, "{}", "registry/2.0"])
    expect((await call("GET", "/v2", { auth })).status).toBe(200)
  })

  test("answers 401 with where to sign in to everybody else", async () => {
    const { status, code, headers } = await call("GET", "/v2/")
    expect([status, code]).toEqual([401, "UNAUTHORIZED"])
    expect(headers["www-authenticate"]).toBe(`Bearer realm="${registry.origin}/v2/token",service="${registry.host}"`)
  })
})

describe("end-2: a blob", () => {
  const content = randomBytes(5000)
  const digest = sha256(content)
  const path = () => `/v2/${repo}/blobs/${digest}`
  beforeAll(() => pushBlob(registry, repo, auth, content))

  test("HEAD answers its length and digest, and no body", async () => {
    const { status, headers, text } = await call("HEAD", path(), { auth })
    expect([status, headers["content-length"], headers["docker-content-digest"], text]).toEqual([
      200,
      "5000",
      digest,
      "",
    ])
  })

  test("GET answers the bytes", async () => {
    const { status, headers, bytes } = await call("GET", path(), { auth })
    expect([status, headers["docker-content-digest"], headers["accept-ranges"]]).toEqual([200, digest, "bytes"])
    expect(bytes.equals(content)).toBe(true)
  })

  test.each([
    ["bytes=0-0", 0, 0],
    ["bytes=100-199", 100, 199],
    ["bytes=4990-", 4990, 4999],
    ["bytes=-10", 4990, 4999],
    ["bytes=4990-9999", 4990, 4999],
  ])("a range %s answers 206 with those bytes", async (range, start, end) => {
    const { status, headers, bytes } = await call("GET", path(), { auth, headers: { range } })
    expect([status, headers["content-range"]]).toEqual([206, `bytes ${start}-${end}/5000`])
    expect(bytes.equals(content.subarray(start, end + 1))).toBe(true)
  })

  test.each(["bytes=5000-", "bytes=-0", "bytes=9-3"])("a range %s outside of it is a 416", async (range) => {
    const { status, headers } = await call("GET", path(), { auth, headers: { range } })
    expect([status, headers["content-range"]]).toEqual([416, "bytes */5000"])
  })

  test.each(["bytes=0-1,5-6", "lines=1-2"])("a range %s that means nothing is ignored", async (range) => {
    expect((await call("GET", path(), { auth, headers: { range } })).status).toBe(200)
  })

  test("one that is known by its ETag is not sent again", async () => {
    expect((await call("GET", path(), { auth, headers: { "if-none-match": `"${digest}"` } })).status).toBe(304)
  })

  test.each(["GET", "HEAD"])("%s of an unknown one is a 404", async (method) => {
    const { status, code } = await call(method, `/v2/${repo}/blobs/${sha256("nobody pushed this")}`, { auth })
    expect([status, code]).toEqual([404, method === "GET" ? "BLOB_UNKNOWN" : undefined])
  })

  test("one that another model holds is not here, even when that one is one's own", async () => {
    const other = await aModel(alice)
    expect((await call("GET", `/v2/${alice.username}/${other.name}/blobs/${digest}`, { auth })).code).toBe(
      "BLOB_UNKNOWN",
    )
  })

  test("an empty one is a content like any other", async () => {
    const empty = await pushBlob(registry, repo, auth, "")
    const { status, headers, text } = await call("GET", `/v2/${repo}/blobs/${empty}`, { auth })
    expect([status, headers["content-length"], text]).toEqual([200, "0", ""])
  })
})

describe("end-4: an upload begins", () => {
  test("POST answers 202 with a place to go on, its id and no bytes yet", async () => {
    const { status, headers } = await call("POST", `/v2/${repo}/blobs/uploads/`, { auth })
    expect([status, headers.range, headers.location]).toEqual([
      202,
      "0-0",
      `/v2/${repo}/blobs/uploads/${headers["docker-upload-uuid"]}`,
    ])
  })

  test("POST with a digest takes the whole content at once", async () => {
    const content = randomBytes(100)
    const { status, headers } = await call("POST", `/v2/${repo}/blobs/uploads/?digest=${sha256(content)}`, {
      auth,
      body: content,
    })
    expect([status, headers.location, headers["docker-content-digest"]]).toEqual([
      201,
      `/v2/${repo}/blobs/${sha256(content)}`,
      sha256(content),
    ])
  })

  test("POST with the digest of something else is refused, and nothing is kept", async () => {
    const digest = sha256("what was meant")
    expect(
      await call("POST", `/v2/${repo}/blobs/uploads/?digest=${digest}`, { auth, body: "what came" }),
    ).toMatchObject({ status: 400, code: "DIGEST_INVALID" })
    expect((await call("HEAD", `/v2/${repo}/blobs/${digest}`, { auth })).status).toBe(404)
  })
})

describe("end-5: chunks", () => {
  test.each([
    ["labelled as JSON", { "content-type": "application/json" }, false],
    ["labelled with nonsense", { "content-type": "x" }, false],
    ["without length, type or range", {}, true],
  ])("PATCH takes a stream %s", async (_, headers, chunked) => {
    const content = randomBytes(300_000)
    const patched = await call("PATCH", await begin(), { auth, headers, chunked, body: content })
    expect([patched.status, patched.headers.range]).toEqual([202, "0-299999"])
    expect(
      (
        await call("PUT", `${patched.headers.location}?digest=${sha256(content)}`, {
          auth,
          headers: { "content-length": "0" },
        })
      ).status,
    ).toBe(201)
  })

  test("in order make one content, the last one with the PUT if need be", async () => {
    const content = randomBytes(3000)
    const place = await begin()
    const first = await call("PATCH", place, {
      auth,
      headers: { "content-range": "0-999" },
      body: content.subarray(0, 1000),
    })
    expect([first.status, first.headers.range]).toEqual([202, "0-999"])
    const second = await call("PATCH", place, {
      auth,
      headers: { "content-range": "bytes 1000-1999/*" },
      body: content.subarray(1000, 2000),
    })
    expect([second.status, second.headers.range]).toEqual([202, "0-1999"])
    const last = await call("PUT", `${place}?digest=${sha256(content)}`, {
      auth,
      headers: { "content-range": "2000-2999" },
      body: content.subarray(2000),
    })
    expect([last.status, last.headers.location]).toEqual([201, `/v2/${repo}/blobs/${sha256(content)}`])
    expect((await call("GET", last.headers.location!, { auth })).bytes.equals(content)).toBe(true)
  })

  test("out of order are a 416 that says what has arrived", async () => {
    const place = await begin()
    await call("PATCH", place, { auth, headers: { "content-range": "0-9" }, body: "0123456789" })
    for (const range of ["20-29", "0-9"]) {
      const { status, headers } = await call("PATCH", place, {
        auth,
        headers: { "content-range": range },
        body: "0123456789",
      })
      expect([status, headers.range, headers.location]).toEqual([416, "0-9", place])
    }
    expect((await call("PUT", `${place}?digest=${sha256("0123456789")}`, { auth })).status).toBe(201)
  })

  test("whose range is not as long as they are, or none at all, are refused", async () => {
    for (const range of ["0-5", "x-y"])
      expect(
        await call("PATCH", await begin(), { auth, headers: { "content-range": range }, body: "0123456789" }),
      ).toMatchObject({ status: 400, code: "SIZE_INVALID" })
  })
})

describe("end-6: an upload ends", () => {
  test("PUT may carry the whole content", async () => {
    const content = randomBytes(2000)
    const { status, headers } = await call("PUT", `${await begin()}?digest=${encodeURIComponent(sha256(content))}`, {
      auth,
      body: content,
    })
    expect([status, headers["docker-content-digest"]]).toEqual([201, sha256(content)])
  })

  test("a content may be known by its SHA-512", async () => {
    const content = randomBytes(2000)
    const digest = `sha512:${createHash("sha512").update(content).digest("hex")}`
    const { status, headers } = await call("PUT", `${await begin()}?digest=${digest}`, { auth, body: content })
    expect(status).toBe(201)
    expect((await call("GET", headers.location!, { auth })).bytes.equals(content)).toBe(true)
  })

  test.each([
    ["of something else", sha256("else")],
    ["that is none", "sha256:abc"],
    ["of an unknown kind", "md5:d41d8cd98f00b204e9800998ecf8427e"],
    ["that is missing", ""],
  ])("a digest %s is refused", async (_, digest) => {
    expect(await call("PUT", `${await begin()}?digest=${digest}`, { auth, body: "content" })).toMatchObject({
      status: 400,
      code: "DIGEST_INVALID",
    })
  })

  test("an upload that is over is unknown", async () => {
    const place = await begin()
    await call("PUT", `${place}?digest=${sha256("x")}`, { auth, body: "x" })
    for (const method of ["PATCH", "PUT", "GET", "DELETE"])
      expect(
        await call(method, `${place}?digest=${sha256("x")}`, { auth, ...(method.startsWith("P") && { body: "x" }) }),
      ).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" })
  })

  test("an upload of another model is unknown", async () => {
    const other = await aModel(alice)
    const place = (await begin()).replace(repo, `${alice.username}/${other.name}`)
    expect(await call("PATCH", place, { auth, body: "x" })).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" })
  })

  test("the same content from 8 connections at once is kept once, for all of them", async () => {
    const content = randomBytes(200_000)
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () =>
        call("PUT", `${await begin()}?digest=${sha256(content)}`, { auth, body: content }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
    expect((await call("GET", `/v2/${repo}/blobs/${sha256(content)}`, { auth })).bytes.equals(content)).toBe(true)
  })
})

test("end-11: a content of another model is mounted without being sent", async () => {
  const digest = await pushBlob(registry, repo, auth, randomBytes(500))
  const other = `${alice.username}/${(await aModel(alice)).name}`
  const { status, headers } = await call("POST", `/v2/${other}/blobs/uploads/?mount=${digest}&from=${repo}`, { auth })
  expect([status, headers.location, headers["docker-content-digest"]]).toEqual([
    201,
    `/v2/${other}/blobs/${digest}`,
    digest,
  ])
  expect((await call("HEAD", `/v2/${other}/blobs/${digest}`, { auth })).status).toBe(200)
})

describe("a mount that cannot be done is an upload that begins", () => {
  test.each([
    ["the content is not there", () => `mount=${sha256("nowhere")}&from=${repo}`],
    ["the source is unknown", () => `mount=${sha256("x")}&from=nobody/nothing`],
    ["no source is named", () => `mount=${sha256("x")}`],
    ["the source is misnamed", () => `mount=${sha256("x")}&from=x`],
  ])("%s", async (_, query) => {
    expect(await call("POST", `/v2/${repo}/blobs/uploads/?${query()}`, { auth })).toMatchObject({
      status: 202,
      headers: { location: expect.any(String) },
    })
  })

  test("the source is somebody else's private model", async () => {
    const { repo: hidden } = await aPrivateModel()
    const digest = await pushBlob(registry, hidden, auth, randomBytes(500))
    const target = `${bob.username}/${(await aModel(bob)).name}`
    expect(
      (await call("POST", `/v2/${target}/blobs/uploads/?mount=${digest}&from=${hidden}`, { auth: bobs })).status,
    ).toBe(202)
    expect((await call("HEAD", `/v2/${target}/blobs/${digest}`, { auth: bobs })).status).toBe(404)
  })
})

test("end-13: an upload can be asked how far it is", async () => {
  const place = await begin()
  await call("PATCH", place, { auth, body: randomBytes(123) })
  const { status, headers } = await call("GET", place, { auth })
  expect([status, headers.range, headers.location]).toEqual([204, "0-122", place])
})

test("end-14: an upload can be given up", async () => {
  const place = await begin()
  expect((await call("DELETE", place, { auth })).status).toBe(204)
  expect((await call("GET", place, { auth })).code).toBe("BLOB_UPLOAD_UNKNOWN")
})

test("what arrived before a connection broke is kept, and the upload goes on from there", async () => {
  const content = randomBytes(3_000_000)
  const place = await begin()
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(registry.origin).port), "127.0.0.1", () => {
      socket.write(
        `PATCH ${place} HTTP/1.1\r\nHost: ${registry.host}\r\nAuthorization: ${auth}\r\nContent-Length: ${content.length}\r\n\r\n`,
      )
      socket.write(content.subarray(0, 2_000_000), () => setTimeout(() => resolve(void socket.destroy()), 100))
    })
  })
  const size = await vi.waitFor(async () => {
    const arrived = Number((await call("GET", place, { auth })).headers.range!.split("-")[1]) + 1
    if (arrived < 2) throw new Error("nothing yet")
    return arrived
  }, 30_000)
  expect(size).toBeLessThanOrEqual(2_000_000)
  const rest = await call("PATCH", place, {
    auth,
    headers: { "content-range": `${size}-${content.length - 1}` },
    body: content.subarray(size),
  })
  expect(rest.status).toBe(202)
  expect((await call("PUT", `${place}?digest=${sha256(content)}`, { auth })).status).toBe(201)
})

describe("end-7: a manifest is put", () => {
  test.each(["oci", "docker"] as const)("%s: under a tag it is a version before the answer arrives", async (format) => {
    const target = await aModel(alice)
    const image = anImage({ format })
    const { status, headers } = await pushImage(registry, `${alice.username}/${target.name}`, auth, image)
    expect([status, headers["docker-content-digest"], headers.location]).toEqual([
      201,
      image.digest,
      `/v2/${alice.username}/${target.name}/manifests/${image.digest}`,
    ])
    const [version] = await versionsOf(target)
    expect(version).toMatchObject({
      id: image.digest.slice(7),
      cog_version: "0.16.12",
      openapi_schema: JSON.stringify(aSchema()),
      cog_config: { predict: "predict.py:Predictor" },
      layers: 1,
      size: image.layer.length + image.config.length,
      pushed_by: alice.owner_id,
    })
    expect((await getModel(alice, alice.username, target.name)).latest_version!.id).toBe(version!.id)
  })

  test("the same again adds no version and is the latest once more", async () => {
    const target = await aModel(alice)
    const place = `${alice.username}/${target.name}`
    const [first, second] = [anImage(), anImage()]
    for (const image of [first, second, first]) expect((await pushImage(registry, place, auth, image)).status).toBe(201)
    expect((await versionsOf(target)).map(({ id }) => `sha256:${id}`)).toEqual([first.digest, second.digest])
  })

  test("of 6 pushes at once that share a layer each is a version", async () => {
    const target = await aModel(alice)
    const layer = randomBytes(100_000)
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        pushImage(registry, `${alice.username}/${target.name}`, auth, anImage({ layer })),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201))
    expect(await versionsOf(target)).toHaveLength(6)
  })

  test("under a digest it is no version", async () => {
    const target = await aModel(alice)
    const image = anImage()
    expect((await pushImage(registry, `${alice.username}/${target.name}`, auth, image, image.digest)).status).toBe(201)
    expect(await versionsOf(target)).toEqual([])
  })

  test.each(["cog-image.20260508T153042Z", "cog-weight.z-image.0123456789ab", `sha256-${"0".repeat(64)}.sig`])(
    "under the tag %s, which clients keep for themselves, it is no version",
    async (tag) => {
      const target = await aModel(alice)
      expect(
        (await pushImage(registry, `${alice.username}/${target.name}`, auth, anImage({ labels: {} }), tag)).status,
      ).toBe(201)
      expect(await versionsOf(target)).toEqual([])
    },
  )

  test("a schema that only says how to train it will do", async () => {
    const target = await aModel(alice)
    const schemas = {
      TrainingInput: { type: "object", properties: { images: { type: "string", format: "uri" } } },
      TrainingOutput: { type: "object", properties: { weights: { type: "string", format: "uri" } } },
    }
    const labels = cogLabels({
      "run.cog.openapi_schema": JSON.stringify({ openapi: "3.0.2", components: { schemas } }),
    })
    const { status, message } = await pushImage(registry, `${alice.username}/${target.name}`, auth, anImage({ labels }))
    expect([status, message]).toEqual([201, undefined])
    expect(await versionsOf(target)).toMatchObject([{ openapi_schema: labels["run.cog.openapi_schema"] }])
  })

  test("the labels of Cog before 0.9 do as well, and the commit is kept", async () => {
    const target = await aModel(alice)
    const { "run.cog.openapi_schema": schema, "run.cog.version": version } = cogLabels()
    const labels = {
      "org.cogmodel.openapi_schema": schema!,
      "org.cogmodel.cog_version": version!,
      "org.opencontainers.image.revision": "abc123",
    }
    await pushImage(registry, `${alice.username}/${target.name}`, auth, anImage({ labels }))
    expect((await versionsOf(target))[0]).toMatchObject({
      cog_version: "0.16.12",
      revision: "abc123",
      cog_config: null,
    })
  })

  test.each([
    ["no labels of Cog", {}, "run.cog.openapi_schema"],
    ["a schema that is no JSON", cogLabels({ "run.cog.openapi_schema": "{" }), "not a JSON object"],
    [
      "a schema without an Input",
      cogLabels({ "run.cog.openapi_schema": '{"openapi":"3.0.2"}' }),
      "components.schemas.Input",
    ],
  ])("an image with %s is refused in words that say what to do", async (_, labels, words) => {
    const target = await aModel(alice)
    const answer = await pushImage(registry, `${alice.username}/${target.name}`, auth, anImage({ labels }))
    expect(answer).toMatchObject({ status: 400, code: "MANIFEST_INVALID", message: expect.stringContaining(words) })
    expect(answer.message).toMatch(/Build (it|the image again) with/)
    expect(await versionsOf(target)).toEqual([])
  })

  test("one whose parts are not here is refused, and is no version", async () => {
    const target = await aModel(alice)
    const place = `${alice.username}/${target.name}`
    const image = anImage()
    await pushBlob(registry, place, auth, image.config)
    const put = { auth, headers: { "content-type": image.type }, body: image.manifest }
    expect(await call("PUT", `/v2/${place}/manifests/latest`, put)).toMatchObject({
      status: 400,
      code: "MANIFEST_BLOB_UNKNOWN",
      message: expect.stringContaining(sha256(image.layer)),
    })
    expect(await versionsOf(target)).toEqual([])
    expect((await call("GET", `/v2/${place}/manifests/latest`, { auth })).code).toBe("MANIFEST_UNKNOWN")
    await pushBlob(registry, place, auth, image.layer)
    expect((await call("PUT", `/v2/${place}/manifests/latest`, put)).status).toBe(201)
  })

  test("layers that live elsewhere need not be here", async () => {
    const target = await aModel(alice)
    const place = `${alice.username}/${target.name}`
    const image = anImage()
    const manifest = JSON.parse(image.manifest)
    manifest.layers.push({
      mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      digest: sha256("elsewhere"),
      size: 9,
    })
    const body = JSON.stringify(manifest)
    expect((await pushImage(registry, place, auth, { ...image, manifest: body })).status).toBe(201)
  })

  test.each([
    ["no JSON", "{", formats.oci.manifest],
    ["a list", "[]", formats.oci.manifest],
    ["Docker's schema 1", '{"schemaVersion":1}', "application/vnd.docker.distribution.manifest.v1+json"],
    ["of an unknown type", '{"schemaVersion":2}', "application/vnd.example+json"],
    ["of no type", '{"schemaVersion":2}', undefined],
    ["without a config", '{"schemaVersion":2,"layers":[]}', formats.oci.manifest],
    [
      "without layers",
      `{"schemaVersion":2,"config":{"mediaType":"x","digest":"${sha256("x")}","size":1}}`,
      formats.oci.manifest,
    ],
    [
      "with a bad digest",
      '{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:1","size":1},"layers":[]}',
      formats.oci.manifest,
    ],
    [
      "that contradicts its label",
      `{"schemaVersion":2,"mediaType":"${formats.oci.index}","manifests":[]}`,
      formats.oci.manifest,
    ],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), formats.oci.manifest],
  ])("one that is %s is refused", async (_, body, type) => {
    expect(
      await call("PUT", `/v2/${repo}/manifests/bad`, { auth, headers: type ? { "content-type": type } : {}, body }),
    ).toMatchObject({ status: 400, code: "MANIFEST_INVALID", message: expect.stringMatching(/\.$/) })
  })

  test("one that is larger than 4 MB is a 413", async () => {
    expect(
      (
        await call("PUT", `/v2/${repo}/manifests/x`, {
          auth,
          headers: { "content-type": formats.oci.manifest },
          body: Buffer.alloc(4 * 1024 * 1024 + 1, " "),
        })
      ).status,
    ).toBe(413)
  })

  test("one that has another digest than its address is refused", async () => {
    const image = anImage()
    expect(await pushImage(registry, repo, auth, image, sha256("another"))).toMatchObject({
      status: 400,
      code: "DIGEST_INVALID",
    })
  })

  test("one that speaks of another says so in its answer", async () => {
    const image = anImage()
    const subject = { mediaType: formats.oci.manifest, digest: sha256("not here yet"), size: 12 }
    const manifest = JSON.stringify({ ...JSON.parse(image.manifest), artifactType: "application/x", subject })
    const { status, headers } = await pushImage(registry, repo, auth, { ...image, manifest }, sha256(manifest))
    expect([status, headers["oci-subject"]]).toEqual([201, subject.digest])
  })
})

describe("an index", () => {
  async function pushIndex(
    children: object[],
    {
      tag = "stable",
      type = formats.oci.index as string,
      image = anImage({ format: type === formats.docker.index ? "docker" : "oci" }),
    } = {},
  ) {
    const target = await aModel(alice)
    const place = `${alice.username}/${target.name}`
    await pushImage(registry, place, auth, image, image.digest)
    const manifests = children.map((child) => ({
      mediaType: image.type,
      digest: image.digest,
      size: image.manifest.length,
      ...child,
    }))
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests })
    return {
      target,
      place,
      image,
      body,
      answer: await call("PUT", `/v2/${place}/manifests/${tag}`, { auth, headers: { "content-type": type }, body }),
    }
  }
  const amd64 = { platform: { os: "linux", architecture: "amd64" } }
  const nowhere = { platform: { os: "unknown", architecture: "unknown" } }

  test.each([formats.oci.index, formats.docker.index])(
    "%s is a version under its own digest, with the labels of its image",
    async (type) => {
      const { target, answer, body } = await pushIndex([nowhere, amd64], { type })
      expect(answer.status).toBe(201)
      expect(await versionsOf(target)).toMatchObject([{ id: sha256(body).slice(7), cog_version: "0.16.12", layers: 1 }])
    },
  )

  test("with weights beside the image is one version", async () => {
    const { target, answer } = await pushIndex([{ ...nowhere, artifactType: "application/vnd.cog.weight.v1" }, amd64])
    expect(answer.status).toBe(201)
    expect(await versionsOf(target)).toHaveLength(1)
  })

  const arm64 = { platform: { os: "linux", architecture: "arm64" } }
  const forArm = anImage({ platform: arm64.platform })

  test.each([
    ["says nothing", {}],
    ["says something else", arm64],
    ["gives the type of the image for an artifact's", { artifactType: formats.oci.config }],
    ["has an empty type of artifact", { ...amd64, artifactType: "" }],
  ])("is judged by what its image says of itself, also where the index %s", async (_, part) => {
    const { target, answer } = await pushIndex([part])
    expect(answer.status).toBe(201)
    expect(await versionsOf(target)).toMatchObject([{ architecture: "amd64" }])
  })

  test.each([{}, arm64, amd64])("with %j for an image that says it is for arm64 is refused in words", async (part) => {
    const { answer } = await pushIndex([part], { image: forArm })
    expect(answer).toMatchObject({
      status: 400,
      code: "MANIFEST_INVALID",
      message:
        "The images of the index are for linux/arm64, but models run here on linux/amd64. Build with --platform linux/amd64 and push again.",
    })
  })

  test("of indexes is one version, by the image that is somewhere within", async () => {
    const target = await aModel(alice)
    const place = `${alice.username}/${target.name}`
    const put = (body: string, reference: string) =>
      call("PUT", `/v2/${place}/manifests/${reference}`, { auth, headers: { "content-type": formats.oci.index }, body })
    const indexOf = (...manifests: object[]) =>
      JSON.stringify({ schemaVersion: 2, mediaType: formats.oci.index, manifests })
    const part = (body: string, mediaType: string = formats.oci.index) => ({
      mediaType,
      digest: sha256(body),
      size: body.length,
    })
    for (const image of [anImage(), forArm]) await pushImage(registry, place, auth, image, image.digest)

    const arm = indexOf(part(forArm.manifest, forArm.type))
    await put(arm, sha256(arm))
    const refused = await put(indexOf(part(arm)), "latest")
    expect([refused.status, refused.message]).toEqual([400, expect.stringContaining("are for linux/arm64, but")])
    expect(await versionsOf(target)).toEqual([])

    const image = anImage()
    await pushImage(registry, place, auth, image, image.digest)
    const amd = indexOf(part(image.manifest, image.type))
    await put(amd, sha256(amd))
    const both = indexOf(part(arm), part(amd))
    expect((await put(both, "latest")).status).toBe(201)
    expect(await versionsOf(target)).toMatchObject([{ id: sha256(both).slice(7), architecture: "amd64" }])

    let deep = both
    for (let level = 0; level < 6; level++) {
      expect((await put(deep, sha256(deep))).status).toBe(201)
      deep = indexOf(part(deep))
    }
    expect((await put(deep, "latest")).message).toBe("The index nests indexes more than 5 levels deep.")
  })

  test("of BuildKit's cache is kept with the contents it is made of, and makes no version", async () => {
    const target = await aModel(alice)
    const place = `${alice.username}/${target.name}`
    const put = (manifests: object[]) =>
      call("PUT", `/v2/${place}/manifests/buildcache`, {
        auth,
        headers: { "content-type": formats.oci.index },
        body: JSON.stringify({ schemaVersion: 2, mediaType: formats.oci.index, manifests }),
      })
    const [layer, config] = [randomBytes(500), JSON.stringify({ layers: [{ blob: "x" }], records: [] })]
    const manifests = [
      { mediaType: formats.oci.layer, digest: sha256(layer), size: layer.length },
      { mediaType: "application/vnd.buildkit.cacheconfig.v0", digest: sha256(config), size: config.length },
    ]
    await pushBlob(registry, place, auth, layer)
    expect(await put(manifests)).toMatchObject({ status: 400, code: "MANIFEST_BLOB_UNKNOWN" })
    await pushBlob(registry, place, auth, config)
    expect((await put(manifests)).status).toBe(201)
    expect(await versionsOf(target)).toEqual([])
    expect((await call("GET", `/v2/${place}/manifests/buildcache`, { auth })).status).toBe(200)
    expect(await call("DELETE", `/v2/${place}/blobs/${sha256(layer)}`, { auth })).toMatchObject({ status: 403 })
  })

  test("of artifacts that only say so themselves makes no version", async () => {
    const image = anImage({ manifest: { artifactType: "application/vnd.example" } })
    const { target, answer } = await pushIndex([{}], { image })
    expect(answer.status).toBe(201)
    expect(await versionsOf(target)).toEqual([])
  })

  test("of parts that are not here is refused", async () => {
    const { answer } = await pushIndex([{ ...amd64, digest: sha256("not here") }])
    expect(answer).toMatchObject({ status: 400, code: "MANIFEST_BLOB_UNKNOWN" })
  })
})

describe("an image", () => {
  const forArm = () => anImage({ platform: { os: "linux", architecture: "arm64" } })
  const target = async () => `${alice.username}/${(await aModel(alice)).name}`

  test("for arm64 is refused as an index of it is, until a runner of that kind is there", async () => {
    const repository = await target()
    const refused = await pushImage(registry, repository, auth, forArm())
    expect([refused.status, refused.message]).toEqual([
      400,
      "The image is for linux/arm64, but models run here on linux/amd64. Build with --platform linux/amd64 and push again.",
    ])
    await write((tx) =>
      tx
        .insert(runners)
        .values({ id: "arm", name: "arm", architecture: "arm64", capacity: [], engines: [], created_at: now() }),
    )
    expect((await pushImage(registry, repository, auth, forArm())).status).toBe(201)
    const other = await pushImage(
      registry,
      repository,
      auth,
      anImage({ platform: { os: "linux", architecture: "s390x" } }),
    )
    expect(other.message).toContain("models run here on linux/amd64 and linux/arm64.")
    await write((tx) => tx.update(runners).set({ revoked_at: now() }).where(eq(runners.id, "arm")))
    expect((await pushImage(registry, repository, auth, forArm())).status).toBe(400)
  })

  test("for Windows is refused", async () => {
    const image = anImage({ platform: { os: "windows", architecture: "amd64" } })
    expect((await pushImage(registry, await target(), auth, image)).message).toContain("The image is for windows/amd64")
  })

  test("that says nothing of its machine is taken for what models are built for", async () => {
    expect((await pushImage(registry, await target(), auth, anImage({ platform: {} }))).status).toBe(201)
  })

  test.each([formats.oci.config, formats.docker.config, ""])(
    "that calls itself an artifact of the type %j is an image all the same",
    async (artifactType) => {
      const repository = await target()
      const image = anImage({ manifest: { artifactType } })
      expect((await pushImage(registry, repository, auth, image)).status).toBe(201)
      expect(await getModel(alice, alice.username, repository.split("/")[1]!)).toMatchObject({
        latest_version: { id: image.digest.slice(7) },
      })
    },
  )
})

describe("end-3: a manifest", () => {
  const image = anImage({ format: "docker" })
  beforeAll(() => pushImage(registry, repo, auth, image, "v1.0_a"))

  test.each(["v1.0_a", image.digest])("GET %s answers the very bytes and their type", async (reference) => {
    const { status, headers, text } = await call("GET", `/v2/${repo}/manifests/${reference}`, { auth })
    expect([status, headers["content-type"], headers["docker-content-digest"], text]).toEqual([
      200,
      image.type,
      image.digest,
      image.manifest,
    ])
  })

  test("GET by anybody takes the image, which the model remembers from the first time on; asking whether it is there does not", async () => {
    const pulled = async () => (await getModel(alice, alice.username, open.name)).pulled_at
    const open = await aModel(alice)
    const repository = `${alice.username}/${open.name}`
    const pushed = anImage()
    await pushImage(registry, repository, auth, pushed)
    await call("HEAD", `/v2/${repository}/manifests/latest`, { auth })
    expect((await call("GET", `/v2/${repository}/manifests/none`)).status).toBe(404)
    expect(await pulled()).toBeNull()
    expect((await call("GET", `/v2/${repository}/manifests/${pushed.digest}`)).status).toBe(200)
    const first = await pulled()
    expect(first).toMatch(/Z$/)
    await call("GET", `/v2/${repository}/manifests/latest`, { auth })
    expect(await pulled()).toBe(first)
  })

  test.each(["v1.0_a", image.digest])("HEAD %s answers the same without them", async (reference) => {
    const { status, headers, text } = await call("HEAD", `/v2/${repo}/manifests/${reference}`, { auth })
    expect([
      status,
      headers["content-type"],
      headers["content-length"],
      headers["docker-content-digest"],
      text,
    ]).toEqual([200, image.type, String(image.manifest.length), image.digest, ""])
  })

  test.each(["none", sha256("none")])("%s is unknown", async (reference) => {
    expect(await call("GET", `/v2/${repo}/manifests/${reference}`, { auth })).toMatchObject({
      status: 404,
      code: "MANIFEST_UNKNOWN",
    })
  })
})

describe("end-8: tags", () => {
  let target: string
  beforeAll(async () => {
    target = `${alice.username}/${(await aModel(alice)).name}`
    for (const tag of ["beta", "Alpha", "v10", "v9", "_x"]) await pushImage(registry, target, auth, anImage(), tag)
  })
  const tags = async (query = "") => {
    const { text, headers } = await call("GET", `/v2/${target}/tags/list${query}`, { auth })
    return { ...JSON.parse(text), link: headers.link }
  }
  const all = ["Alpha", "_x", "beta", "latest", "v10", "v9"]

  test("are listed in the order of their characters", async () => {
    expect(await tags()).toEqual({ name: target, tags: all, link: undefined })
  })

  test("are listed in pages that lead to the next", async () => {
    const first = await tags("?n=2")
    expect(first).toMatchObject({ tags: all.slice(0, 2), link: `</v2/${target}/tags/list?n=2&last=_x>; rel="next"` })
    expect(await tags("?n=4&last=_x")).toMatchObject({ tags: all.slice(2), link: undefined })
    expect((await tags("?last=beta")).tags).toEqual(["latest", "v10", "v9"])
    expect((await tags("?n=0")).tags).toEqual([])
  })

  test("of a model without any are an empty list", async () => {
    const { name } = await aModel(alice)
    expect(JSON.parse((await call("GET", `/v2/${alice.username}/${name}/tags/list`, { auth })).text)).toEqual({
      name: `${alice.username}/${name}`,
      tags: [],
    })
  })
})

describe("end-12: what was pushed about a manifest", () => {
  let place: string
  const image = anImage()
  const about = (artifactType: string) => ({
    schemaVersion: 2,
    mediaType: formats.oci.manifest,
    artifactType,
    annotations: { made: "by hand" },
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: sha256("{}"), size: 2 },
    layers: [],
    subject: { mediaType: formats.oci.manifest, digest: image.digest, size: image.manifest.length },
  })
  beforeAll(async () => {
    place = `${alice.username}/${(await aModel(alice)).name}`
    await pushImage(registry, place, auth, image)
    await pushBlob(registry, place, auth, "{}")
    for (const type of ["application/x.signature", "application/x.bom"]) {
      const body = JSON.stringify(about(type))
      await call("PUT", `/v2/${place}/manifests/${sha256(body)}`, {
        auth,
        headers: { "content-type": formats.oci.manifest },
        body,
      })
    }
  })
  const referrers = async (digest: string, query = "") => {
    const { status, headers, text } = await call("GET", `/v2/${place}/referrers/${digest}${query}`, { auth })
    return { status, headers, body: JSON.parse(text) }
  }

  test("is listed as an index", async () => {
    const { status, headers, body } = await referrers(image.digest)
    expect([status, headers["content-type"], body.schemaVersion, body.mediaType]).toEqual([
      200,
      formats.oci.index,
      2,
      formats.oci.index,
    ])
    expect(body.manifests.map((one: { artifactType: string }) => one.artifactType)).toEqual([
      "application/x.signature",
      "application/x.bom",
    ])
    expect(body.manifests[0]).toEqual({
      mediaType: formats.oci.manifest,
      artifactType: "application/x.signature",
      annotations: { made: "by hand" },
      digest: sha256(JSON.stringify(about("application/x.signature"))),
      size: JSON.stringify(about("application/x.signature")).length,
    })
  })

  test("may be asked for by its type", async () => {
    const { headers, body } = await referrers(image.digest, "?artifactType=application/x.bom")
    expect([headers["oci-filters-applied"], body.manifests.length]).toEqual(["artifactType", 1])
  })

  test("is an empty index for a manifest that nothing is said of, or that is not here", async () => {
    expect(await referrers(sha256("unheard of"))).toMatchObject({ status: 200, body: { manifests: [] } })
  })

  test("has to be named by a digest", async () => {
    expect(await call("GET", `/v2/${place}/referrers/latest`, { auth })).toMatchObject({
      status: 400,
      code: "DIGEST_INVALID",
    })
  })
})

describe("end-9 and end-10: deleting", () => {
  test("a tag takes the name away and leaves the version", async () => {
    const { repo: place, hidden } = await aPrivateModel()
    const image = anImage()
    await pushImage(registry, place, auth, image, "stable")
    expect((await call("DELETE", `/v2/${place}/manifests/stable`, { auth })).status).toBe(202)
    expect((await call("GET", `/v2/${place}/manifests/stable`, { auth })).status).toBe(404)
    expect((await call("GET", `/v2/${place}/manifests/${image.digest}`, { auth })).status).toBe(200)
    expect(await versionsOf(hidden)).toHaveLength(1)
    expect((await call("DELETE", `/v2/${place}/manifests/stable`, { auth })).code).toBe("MANIFEST_UNKNOWN")
  })

  test("a digest takes the manifest, its tags, its version and what only it was made of", async () => {
    const { repo: place, hidden } = await aPrivateModel()
    const layer = randomBytes(100)
    const [gone, kept] = [anImage({ layer }), anImage({ layer })]
    await pushImage(registry, place, auth, gone, "a")
    await pushImage(registry, place, auth, kept, "b")
    expect((await call("DELETE", `/v2/${place}/manifests/${gone.digest}`, { auth })).status).toBe(202)
    expect((await call("GET", `/v2/${place}/manifests/a`, { auth })).status).toBe(404)
    expect((await call("HEAD", `/v2/${place}/blobs/${sha256(gone.config)}`, { auth })).status).toBe(404)
    expect((await call("HEAD", `/v2/${place}/blobs/${sha256(layer)}`, { auth })).status).toBe(200)
    expect(await versionsOf(hidden)).toMatchObject([{ id: kept.digest.slice(7) }])
  })

  test("an index takes its images along, but for those that stand on their own", async () => {
    const { repo: place } = await aPrivateModel()
    const [child, named] = [anImage(), anImage()]
    await pushImage(registry, place, auth, child, child.digest)
    await pushImage(registry, place, auth, named, "named")
    const manifests = [child, named].map(({ digest, manifest, type }) => ({
      mediaType: type,
      digest,
      size: manifest.length,
      platform: { os: "linux", architecture: "amd64" },
    }))
    const body = JSON.stringify({ schemaVersion: 2, mediaType: formats.oci.index, manifests })
    await call("PUT", `/v2/${place}/manifests/both`, { auth, headers: { "content-type": formats.oci.index }, body })
    expect((await call("DELETE", `/v2/${place}/manifests/${sha256(body)}`, { auth })).status).toBe(202)
    expect((await call("GET", `/v2/${place}/manifests/${child.digest}`, { auth })).status).toBe(404)
    expect((await call("GET", `/v2/${place}/manifests/named`, { auth })).status).toBe(200)
  })

  test("a version of a public model is refused in words", async () => {
    const image = anImage()
    await pushImage(registry, repo, auth, image)
    expect(await call("DELETE", `/v2/${repo}/manifests/${image.digest}`, { auth })).toMatchObject({
      status: 403,
      code: "DENIED",
      message: expect.stringContaining("private first"),
    })
  })

  test("a blob that a manifest is made of stays, any other goes", async () => {
    const { repo: place } = await aPrivateModel()
    const image = anImage()
    await pushImage(registry, place, auth, image)
    const loose = await pushBlob(registry, place, auth, "loose")
    expect(await call("DELETE", `/v2/${place}/blobs/${sha256(image.layer)}`, { auth })).toMatchObject({
      status: 403,
      code: "DENIED",
    })
    expect((await call("DELETE", `/v2/${place}/blobs/${loose}`, { auth })).status).toBe(202)
    expect((await call("HEAD", `/v2/${place}/blobs/${loose}`, { auth })).status).toBe(404)
    expect((await call("DELETE", `/v2/${place}/blobs/${loose}`, { auth })).code).toBe("BLOB_UNKNOWN")
  })
})

describe("names", () => {
  test.each([
    ["/v2/just-one/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a/b/c/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/Alice/Model/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a/../manifests/latest", 404, "NAME_UNKNOWN"],
    ["/v2/a/%2e%2e/manifests/latest", 404, "NAME_UNKNOWN"],
    ["/v2/a/b/manifests/.bad", 400, "MANIFEST_INVALID"],
    ["/v2/a/b/blobs/sha256:1", 400, "DIGEST_INVALID"],
    ["/v2/a/b/nothing", 404, "NAME_UNKNOWN"],
    ["/v2/_catalog", 404, "NAME_UNKNOWN"],
    ["/v2/%ff/x", 400, "NAME_INVALID"],
    ["/v2/a%2fb/manifests/latest", 404, "NAME_UNKNOWN"],
  ])("%s", async (path, status, code) => {
    expect(await call("GET", path, { auth })).toMatchObject({ status, code })
  })

  test.each([
    ["POST", "GET, HEAD, PUT, DELETE", () => `/v2/${repo}/manifests/latest`],
    ["PUT", "GET, HEAD", () => `/v2/${repo}/tags/list`],
    ["GET", "POST", () => `/v2/${repo}/blobs/uploads/`],
    ["POST", "GET, HEAD, PATCH, PUT, DELETE", () => `/v2/${repo}/blobs/uploads/x`],
    ["POST", "GET, HEAD", () => "/v2/token"],
    ["DELETE", "GET, HEAD", () => "/v2/"],
    ["OPTIONS", "GET, HEAD, DELETE", () => `/v2/${repo}/blobs/${sha256("")}`],
    ["QUERY", "GET, HEAD", () => `/v2/${repo}/referrers/${sha256("")}`],
  ])("%s where only %s are possible is a 405 that says so", async (method, allow, path) => {
    const { status, code, headers } = await call(method, path(), { auth })
    expect([status, code, headers.allow]).toEqual([405, "UNSUPPORTED", allow])
  })

  test("an address that is nothing has no methods either", async () => {
    expect(await call("OPTIONS", "/v2/nothing", { auth })).toMatchObject({ status: 404, code: "NAME_UNKNOWN" })
  })
})

test("moving a tag to an artifact and deleting by digest leave audit events", async () => {
  const model = await aModel(alice)
  const repo = `${alice.username}/${model.name}`
  const image = anImage()
  await pushImage(registry, repo, auth, image, "v1")
  const config = await pushBlob(registry, repo, auth, "{}")
  const stray = await pushBlob(registry, repo, auth, "stray")
  const artifact = JSON.stringify({
    schemaVersion: 2,
    mediaType: formats.oci.manifest,
    artifactType: "application/x.weights",
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: 2 },
    layers: [],
  })
  const headers = { "content-type": formats.oci.manifest }
  for (let n = 0; n < 2; n++) await call("PUT", `/v2/${repo}/manifests/v1`, { auth, headers, body: artifact })
  await call("DELETE", `/v2/${repo}/manifests/${sha256(artifact)}`, { auth })
  await call("DELETE", `/v2/${repo}/blobs/${stray}`, { auth })

  const { rows } = await listEvents(alice, { id: alice.owner_id, username: alice.username })
  const own = rows.filter(({ subject }) => subject === model.name)
  expect(own.map(({ action, details, via }) => [action, details, via]).slice(0, 3)).toEqual([
    ["blob.deleted", { blob: stray }, "registry"],
    ["manifest.deleted", { manifest: sha256(artifact) }, "registry"],
    ["tag.moved", { tag: "v1", manifest: sha256(artifact) }, "registry"],
  ])
  expect(own.filter(({ action }) => action === "tag.moved")).toHaveLength(1)
})
