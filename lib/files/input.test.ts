import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { buffer, text } from "node:stream/consumers"
import { eq } from "drizzle-orm"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"

import { read, write } from "@/db"
import { files } from "@/db/schema"
import { env } from "@/env"
import { fromNow } from "@/lib/clock"
import { anAccount } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { withPublicUrls } from "./address"
import { readDataUrl } from "./data-url"
import { uploadFile } from "./file"
import { attachInputFiles, storeInputFiles, openInputFile, filesToServe } from "./input"
import { putOutput } from "./output"
import { removeExpiredFiles } from "./sweep"

const origin = "https://models.example.com"
let host: Server
let there: string
const settings = { ...env }
beforeAll(async () => {
  host = createServer((request, response) => {
    if (request.url === "/moved") return void response.writeHead(302, { location: "/big%20cat.png" }).end()
    if (request.url === "/gone.png") return void response.writeHead(404).end()
    response.writeHead(200, { "content-type": "image/png", "content-length": 3 }).end("cat")
  })
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready))
  there = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
})
afterAll(() => void host.close())
afterEach(() => Object.assign(env, settings))

const anUpload = async (content = "uploaded") => {
  const { actor } = await anAccount()
  const file = await uploadFile(actor, Readable.from([Buffer.from(content)]), async () => ({
    filename: "a.png",
    type: "image/png",
    metadata: {},
  }))
  return { actor, file, address: `${origin}/v1/files/${file.id}` }
}
const anOutput = async () => {
  const { actor } = await anAccount()
  const body = Readable.from([Buffer.from("made")])
  return (await putOutput(await aRun(actor), { name: "b c.txt", content_type: "text/plain" }, body)).url
}
const png = "data:image/png;base64,iVBORw0KGgo="

test.each([
  [png, "image/png", "file.png", "\x89PNG\r\n\x1a\n"],
  ["data:;base64,aGVsbG8", "text/plain", "file.txt", "hello"],
  ["data:,hello%20world", "text/plain", "file.txt", "hello world"],
  ["data:text/plain;charset=utf-8,gr%C3%B6%C3%9Fe", "text/plain;charset=utf-8", "file.txt", "gr\xc3\xb6\xc3\x9fe"],
  ["data:application/octet-stream;base64,_-8=", "application/octet-stream", "file.bin", "\xff\xef"],
  ["DATA:IMAGE/PNG;BASE64,aGVs%3D", "IMAGE/PNG", "file.png", "hel"],
])("%s is read as what it holds", async (address, content_type, name, content) => {
  const data = readDataUrl(address)!
  expect([data.content_type, data.name, (await buffer(data.body)).toString("latin1")]).toEqual([
    content_type,
    name,
    content,
  ])
})

test.each(["data:image/png;base64", "data:image/png;base64,***", "data:,%", "data", "datum:,x"])(
  "%s is not",
  (address) => {
    expect(readDataUrl(address)).toBeUndefined()
  },
)

test("what is written out in an input becomes a file of the prediction, and is shown by its address", async () => {
  const { actor } = await anAccount()
  const kept = await storeInputFiles(
    actor.owner_id,
    { image: png, images: ["https://example.com/a.png", png], prompt: png },
    ["image", "images.0", "images.1"],
    origin,
  )
  expect(kept.invalid).toEqual([])
  expect(withPublicUrls(kept.input, origin)).toEqual({
    image: expect.stringMatching(/^https:\/\/models\.example\.com\/files\/[0-9a-z]{26}\/file\.png$/),
    images: ["https://example.com/a.png", expect.stringMatching(/file\.png$/)],
    prompt: png,
  })
  const run = await aRun(actor)
  await write((tx) => attachInputFiles(tx, kept.files, run.number))
  const rows = await read().select().from(files).where(eq(files.prediction, run.number))
  expect(rows.map(({ kind, expires_at }) => [kind, expires_at])).toEqual([
    ["input", null],
    ["input", null],
  ])
  const ordered = await filesToServe(actor.owner_id, kept.input, ["image", "images.0", "images.1"], "internet")
  expect(Object.values(ordered)).toEqual([
    { name: "file.png", content_type: "image/png", size: 8 },
    { name: "file.png", content_type: "image/png", size: 8 },
  ])
  const opened = await openInputFile({ owner_id: actor.owner_id, input: kept.input }, String(kept.input.image))
  expect((await buffer(opened.body)).length).toBe(8)
})

test("files whose prediction never came go by themselves", async () => {
  const { actor } = await anAccount()
  const { files: ids } = await storeInputFiles(actor.owner_id, { image: png }, ["image"], origin)
  await write(
    async (tx) =>
      void (await tx
        .update(files)
        .set({ expires_at: fromNow(-1) })
        .where(eq(files.id, ids[0]!))),
  )
  await removeExpiredFiles()
  expect(await read().select().from(files).where(eq(files.id, ids[0]!))).toEqual([])
})

test("an input may name an upload of its account, under any host of this installation, and nobody else's", async () => {
  const { actor, file, address } = await anUpload()
  const { actor: eve } = await anAccount()
  for (const spelled of [address, address.replace(origin, "http://10.0.0.7:3000"), `${address}/download?owner=x`]) {
    expect((await storeInputFiles(actor.owner_id, { image: spelled }, ["image"], origin)).invalid).toEqual([])
    expect(await filesToServe(actor.owner_id, { image: spelled }, ["image"], "internet")).toEqual({
      [spelled]: { name: "a.png", content_type: "image/png", size: 8 },
    })
    expect(
      await text((await openInputFile({ owner_id: actor.owner_id, input: { image: spelled } }, spelled)).body),
    ).toBe("uploaded")
  }
  expect((await storeInputFiles(eve.owner_id, { image: address }, ["image"], origin)).invalid).toEqual([
    { type: "format", field: "input.image", description: "There is no such file, or it has expired" },
  ])
  expect(await filesToServe(eve.owner_id, { image: address }, ["image"], "internet")).toEqual({})
  for (const guess of [address, `understudy:/files/${file.id}/a.png`])
    await expect(openInputFile({ owner_id: eve.owner_id, input: { guess } }, guess)).rejects.toMatchObject({
      kind: expect.stringMatching(/missing|unprocessable/),
    })
})

test("an input may name the output of another prediction", async () => {
  const { actor } = await anAccount()
  const url = String(withPublicUrls(await anOutput(), origin))
  expect((await storeInputFiles(actor.owner_id, { a: url }, ["a"], origin)).invalid).toEqual([])
  expect(await filesToServe(actor.owner_id, { a: url }, ["a"], "none")).toEqual({
    [url]: { name: "b c.txt", content_type: "text/plain", size: 4 },
  })
  expect(await text((await openInputFile({ owner_id: actor.owner_id, input: { a: url } }, url)).body)).toBe("made")
})

test("everything that is wrong is told at once, and nothing stays", async () => {
  const { actor } = await anAccount()
  const before = (await read().select().from(files)).length
  const { invalid, input } = await storeInputFiles(
    actor.owner_id,
    {
      a: png,
      b: "ftp://example.com/x",
      c: "data:image/png;base64,***",
      d: [`${origin}/files/${"0".repeat(26)}/x.png`],
    },
    ["a", "b", "c", "d.0"],
    origin,
  )
  expect(invalid.map(({ field, description }) => `${field}: ${description}`)).toEqual([
    "input.b: Must be an http(s) or data: address",
    "input.c: The data: address cannot be read",
    "input.d.0: There is no such file, or it has expired",
  ])
  expect(input.b).toBe("ftp://example.com/x")
  expect((await read().select().from(files)).length).toBe(before)
})

test("what is written out counts to the largest upload", async () => {
  env.FILE_LIMIT_MB = 1
  const { actor } = await anAccount()
  const large = `data:;base64,${Buffer.alloc(1024 * 1024 + 1).toString("base64")}`
  await expect(storeInputFiles(actor.owner_id, { a: png, b: large }, ["a", "b"], origin)).rejects.toMatchObject({
    kind: "tooLarge",
  })
})

test("where containers have no network, addresses of others are fetched for them, and those of this network are not", async () => {
  const { actor } = await anAccount()
  const input = { a: `${there}/big%20cat.png`, b: `${there}/moved`, c: `${there}/gone.png`, prompt: `${there}/text` }
  const paths = ["a", "b", "c"]
  expect(await filesToServe(actor.owner_id, input, paths, "internet")).toEqual({})
  const unknown = { content_type: "application/octet-stream", size: null }
  expect(await filesToServe(actor.owner_id, input, paths, "none")).toEqual({
    [input.a]: { name: "big cat.png", ...unknown },
    [input.b]: { name: "moved", ...unknown },
    [input.c]: { name: "gone.png", ...unknown },
  })
  for (const address of [input.a, "http://localhost:1/x", "http://169.254.169.254/latest/meta-data"])
    await expect(openInputFile({ owner_id: actor.owner_id, input: { address } }, address)).rejects.toMatchObject({
      kind: "unprocessable",
    })

  env.FETCH_PRIVATE = "1"
  for (const address of [input.a, input.b]) {
    const { body, ...rest } = await openInputFile({ owner_id: actor.owner_id, input }, address)
    expect(rest).toMatchObject({ content_type: "image/png", size: 3 })
    expect(await text(body)).toBe("cat")
  }
  await expect(openInputFile({ owner_id: actor.owner_id, input }, input.c)).rejects.toMatchObject({
    kind: "unprocessable",
    detail: expect.stringContaining("answered 404"),
  })
})

test("a container reaches only what the input of its run names", async () => {
  env.FETCH_PRIVATE = "1"
  const { actor, address } = await anUpload()
  const input = { image: `${there}/big%20cat.png`, more: [{ deep: address }] }
  for (const named of [input.image, address])
    (await openInputFile({ owner_id: actor.owner_id, input }, named)).body.destroy()
  for (const other of [`${there}/moved`, `${input.image}?x`, (await anUpload()).address, ""])
    for (const of of [input, {}, null])
      await expect(openInputFile({ owner_id: actor.owner_id, input: of }, other)).rejects.toMatchObject({
        kind: "missing",
      })
})
