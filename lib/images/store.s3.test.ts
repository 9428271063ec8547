import { createHash, randomBytes } from "node:crypto"
import { Readable } from "node:stream"
import { afterEach, describe, expect, test } from "vitest"

import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { anImage, aRegistry, basic, pushBlob, pushImage } from "@/lib/test/registry"
import { env } from "@/env"
import { configuredBucket } from "@/lib/bucket/bucket"
import { TooLarge } from "./blob-storage"
import { blobStore } from "./blobs"
import { s3Store } from "./s3"

// The smallest part size that S3 allows, so that a few megabytes have several parts.
const partSize = 5 * 1024 * 1024
const bucket = configuredBucket()!
/** The store of another server, which shares only the bucket. */
const aServer = () => s3Store(bucket, { partSize })
const endpoint = env.S3_ENDPOINT

afterEach(() => {
  env.S3_ENDPOINT = endpoint
})

const digestOf = (content: Buffer, algorithm = "sha256") =>
  `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`
/** A stream of chunks of an odd size, each with its own memory, as from the network. */
const stream = (content: Buffer) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < content.length; at += 65_521) yield Buffer.from(content.subarray(at, at + 65_521))
    })(),
  )
const anUpload = async () => {
  const upload = crypto.randomUUID()
  await aServer().create(upload)
  return upload
}
const read = async (file: string, span?: { start: number; end: number }) =>
  Buffer.concat((await (await aServer().read(file, span)).toArray()) as Buffer[])
const unlimited = { limit: Infinity }
async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list = []
  for await (const one of found) list.push(one)
  return list
}
const notesOf = async (upload: string) => (await all(bucket.list(`registry/uploads/${upload}/`))).map(({ key }) => key)
const multipartOf = async (upload: string) =>
  Buffer.from(
    (await notesOf(upload)).map((key) => /begun-\d+-(.*)$/.exec(key)?.[1]).find(Boolean)!,
    "base64url",
  ).toString()

/** A stream that breaks off after these bytes. */
const breaking = (content: Buffer) =>
  Readable.from(
    (async function* () {
      yield* stream(content)
      throw new Error("the connection is gone")
    })(),
  )

describe("an upload", () => {
  test.each([0, 1, 1000, partSize - 1, partSize, partSize + 1, 2 * partSize, 2 * partSize + 12_345])(
    "of %i bytes is kept as it came",
    async (size) => {
      const [server, content, upload] = [aServer(), randomBytes(size), await anUpload()]
      if (size > 0) expect(await server.append(upload, stream(content), unlimited)).toBe(size)
      expect(await aServer().sizeOf(upload)).toBe(size)
      expect(await aServer().digestOf(upload, "sha256")).toBe(digestOf(content))
      const file = await aServer().complete(upload, "unused")
      await aServer().discard(upload)
      if (size > 0) expect((await read(file)).equals(content)).toBe(true)
      expect(await notesOf(upload)).toEqual([])
    },
  )

  test("of chunks that each arrive at another server is one content, by either digest", async () => {
    const servers = [aServer(), aServer(), aServer()]
    const content = randomBytes(3 * partSize + 777)
    for (const algorithm of ["sha256", "sha512"] as const) {
      const upload = await anUpload()
      const cuts = [
        0,
        10,
        700_000,
        partSize - 5,
        partSize + 5,
        partSize + 6,
        2 * partSize,
        content.length - 1,
        content.length,
      ]
      for (const [n, start] of cuts.slice(0, -1).entries()) {
        const server = servers[n % 3]!
        expect(await server.sizeOf(upload)).toBe(start)
        expect(await server.append(upload, stream(content.subarray(start, cuts[n + 1])), unlimited)).toBe(cuts[n + 1])
      }
      expect(await servers[1]!.digestOf(upload, algorithm)).toBe(digestOf(content, algorithm))
      const file = await servers[1]!.complete(upload, "unused")
      await servers[2]!.discard(upload)
      expect((await read(file)).equals(content)).toBe(true)
      const span = { start: partSize - 3, end: partSize + 3 }
      expect((await read(file, span)).equals(content.subarray(span.start, span.end + 1))).toBe(true)
    }
  })

  test("whose connection broke keeps every byte that arrived, and goes on at another server", async () => {
    const [content, upload] = [randomBytes(2 * partSize + 100_000), await anUpload()]
    const broken = partSize + 54_321
    await expect(aServer().append(upload, breaking(content.subarray(0, broken)), unlimited)).rejects.toThrow(
      "the connection is gone",
    )
    const other = aServer()
    expect(await other.sizeOf(upload)).toBe(broken)
    await other.append(upload, stream(content.subarray(broken)), unlimited)
    expect(await other.digestOf(upload, "sha256")).toBe(digestOf(content))
    expect((await read(await other.complete(upload, "unused"))).equals(content)).toBe(true)
  })

  test("whose server is gone, or does not know yet that its client is, goes on at another behind the last full part", async () => {
    const [content, upload, first, second] = [randomBytes(3 * partSize), await anUpload(), aServer(), aServer()]
    let end!: () => void
    const over = new Promise<void>((resolve) => (end = resolve))
    // The stream hangs in the middle of the third part. As after a kill, data that was not sent is not recorded.
    const hanging = first.append(
      upload,
      Readable.from(
        (async function* () {
          yield* stream(content.subarray(0, 2 * partSize + 1000))
          await over
          throw new Error("noticed at last")
        })(),
      ),
      unlimited,
    )
    hanging.catch(() => {})
    await expect.poll(() => second.sizeOf(upload), { timeout: 20_000 }).toBe(2 * partSize)

    await second.append(upload, stream(content.subarray(2 * partSize)), unlimited)
    // The first server now records bytes that the second one has stored too.
    end()
    await expect(hanging).rejects.toThrow("noticed at last")
    expect(await aServer().sizeOf(upload)).toBe(content.length)
    expect(await aServer().digestOf(upload, "sha256")).toBe(digestOf(content))
  })

  test("is what lies in the bucket, not what a server believes to have sent", async () => {
    const [server, content, upload] = [aServer(), randomBytes(2 * partSize), await anUpload()]
    await server.append(upload, stream(content), unlimited)
    const other = randomBytes(partSize)
    const multipart = await multipartOf(upload)
    await bucket.send(`registry/blobs/pushed/${upload}`, multipart, 1, other)
    expect(await server.digestOf(upload, "sha256")).toBe(digestOf(Buffer.concat([other, content.subarray(partSize)])))
  })

  test("that is exchanged after it was found right is not kept", async () => {
    const [server, content, upload] = [aServer(), randomBytes(2 * partSize), await anUpload()]
    await server.append(upload, stream(content), unlimited)
    expect(await server.digestOf(upload, "sha256")).toBe(digestOf(content))
    const multipart = await multipartOf(upload)
    await bucket.send(`registry/blobs/pushed/${upload}`, multipart, 1, randomBytes(partSize))
    await expect(server.complete(upload, "unused")).rejects.toThrow()
    expect(await bucket.sizeOf(`registry/blobs/pushed/${upload}`)).toBeNull()
  })

  test("that was put together, and not noted as kept before the server died, is found and kept by another", async () => {
    const [content, upload, first, second] = [randomBytes(partSize + 5), await anUpload(), aServer(), aServer()]
    await first.append(upload, stream(content), unlimited)
    await first.digestOf(upload, "sha256")
    await first.complete(upload, "unused")
    expect(await second.sizeOf(upload)).toBe(content.length)
    expect(await second.digestOf(upload, "sha256")).toBe(digestOf(content))
    const file = await second.complete(upload, "unused")
    await second.discard(upload)
    expect((await read(file)).equals(content)).toBe(true)
  })

  test("whose multipart upload the bucket has forgotten, because it is complete, is read back and kept", async () => {
    const [content, upload, server] = [randomBytes(partSize + 5), await anUpload(), aServer()]
    await server.append(upload, stream(content), unlimited)
    // On Amazon S3, a completed multipart upload no longer exists. Swift still lists its parts.
    const key = `registry/blobs/pushed/${upload}`
    await bucket.abort(key, await multipartOf(upload))
    expect(await server.sizeOf(upload)).toBeUndefined()
    await bucket.put(key, content)
    expect(await server.sizeOf(upload)).toBe(content.length)
    expect(await server.digestOf(upload, "sha256")).toBe(digestOf(content))
    expect(`registry/blobs/${await server.complete(upload, "unused")}`).toBe(key)
    await server.discard(upload)
    expect([await notesOf(upload), await bucket.sizeOf(key)]).toEqual([[], content.length])
  })

  test("ends as soon as it is too long, and is gone with everything in it when it is discarded", async () => {
    const [server, upload] = [aServer(), await anUpload()]
    await expect(
      server.append(upload, stream(randomBytes(partSize + 100_000)), { limit: partSize + 50_000 }),
    ).rejects.toBeInstanceOf(TooLarge)
    const multipart = await multipartOf(upload)
    await server.discard(upload)
    expect([await server.sizeOf(upload), await notesOf(upload)]).toEqual([undefined, []])
    expect(await bucket.parts(`registry/blobs/pushed/${upload}`, multipart)).toBeNull()
  })

  test("is listed with its newest byte until it is kept, and then among the blobs", async () => {
    const [server, upload] = [aServer(), await anUpload()]
    await server.append(upload, stream(randomBytes(1000)), unlimited)
    const names = async (what: "blobs" | "uploads") => (await all(server.list(what))).map(({ name }) => name)
    expect(await names("uploads")).toContain(upload)
    const file = await server.complete(upload, "unused")
    await server.discard(upload)
    expect([(await names("uploads")).includes(upload), (await names("blobs")).includes(file)]).toEqual([false, true])
    await server.remove(file)
    expect(await names("blobs")).not.toContain(file)
    await server.remove(file)
  })
})

test("what was copied from a disk is read, listed and removed under the name it had there", async () => {
  const [content, file] = [randomBytes(1000), `sha256/ab/ab${"0".repeat(62)}-0123456789ab`]
  await bucket.put(`registry/blobs/${file}`, content)
  expect((await read(file)).equals(content)).toBe(true)
  expect((await all(aServer().list("blobs"))).map(({ name }) => name)).toContain(file)
  await aServer().remove(file)
  await expect(read(file)).rejects.toThrow("is not in the bucket")
})

test("a layer of many parts holds no more memory than the parts that are on their way", async () => {
  const [server, upload] = [s3Store(bucket, { partSize }), await anUpload()]
  const chunk = randomBytes(1 << 20)
  let [most, before] = [0, 0]
  const source = Readable.from(
    (function* () {
      for (let n = 0; n < 160; n++) {
        if (n === 40) before = process.memoryUsage.rss()
        if (n > 40) most = Math.max(most, process.memoryUsage.rss())
        yield Buffer.from(chunk)
      }
    })(),
  )
  await server.append(upload, source, unlimited)
  await server.discard(upload)
  expect((most - before) / (1 << 20)).toBeLessThan(80)
})

describe("while the bucket does not answer", () => {
  test("a push and a pull are told to come back, and an upload goes on where it was once it does", async () => {
    const registry = await aRegistry()
    const { actor } = await anAccount()
    const auth = basic(actor.username, await aToken(actor))
    const repo = `${actor.username}/${(await aModel(actor)).name}`
    const layer = randomBytes(100_000)
    const digest = await pushBlob(registry, repo, auth, layer)
    const {
      headers: { location = "" },
    } = await registry.call("POST", `/v2/${repo}/blobs/uploads/`, { auth })
    await registry.call("PATCH", location, { auth, body: "the first half, " })

    env.S3_ENDPOINT = "http://127.0.0.1:9"
    const refused = {
      status: 503,
      code: "UNAVAILABLE",
      message: "The file storage does not respond. Nothing was changed; try again shortly.",
      headers: { "retry-after": "5" },
    }
    expect(await registry.call("POST", `/v2/${repo}/blobs/uploads/`, { auth })).toMatchObject(refused)
    expect(await registry.call("PATCH", location, { auth, body: "the second half" })).toMatchObject(refused)
    expect(await registry.call("PUT", `${location}?digest=${digest}`, { auth })).toMatchObject(refused)
    const pull = await registry.call("GET", `/v2/${repo}/blobs/${digest}`, { auth, headers: { range: "bytes=0-9" } })
    expect(pull).toMatchObject(refused)
    expect([pull.headers.etag, pull.headers["content-range"], pull.headers["cache-control"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect((await registry.call("HEAD", `/v2/${repo}/blobs/${digest}`, { auth })).status).toBe(200)

    env.S3_ENDPOINT = endpoint
    expect((await registry.call("PATCH", location, { auth, body: "the second half" })).status).toBe(202)
    const whole = digestOf(Buffer.from("the first half, the second half"))
    expect((await registry.call("PUT", `${location}?digest=${whole}`, { auth })).status).toBe(201)
    expect((await registry.call("GET", `/v2/${repo}/blobs/${whole}`, { auth })).text).toBe(
      "the first half, the second half",
    )
    expect((await pushImage(registry, repo, auth, anImage())).status).toBe(201)
    await registry.close()
  })
})

test("the store of an instance is the bucket, with parts that suit its largest layer", () => {
  expect(blobStore().largest).toBe(10_000 * 16 * 1024 * 1024)
})
