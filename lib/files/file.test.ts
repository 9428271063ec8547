import { createHash } from "node:crypto"
import { PassThrough, Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { eq } from "drizzle-orm"
import { afterEach, expect, test } from "vitest"

import { read, write } from "@/db"
import { files, owners, predictions } from "@/db/schema"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { changeSettings } from "@/lib/settings/setting"
import { anAccount, anAdministrator } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { storedUrl, withPublicUrls } from "./address"
import { deleteFile, getFile, getSignedFile, listFiles, openFile, signDownload, uploadFile } from "./file"
import { forgetFilesOf, getPublicFile, putOutput } from "./output"
import { contentStore } from "./content-store"
import { removeExpiredFiles, removeStrayContents } from "./sweep"

const settings = { ...env }
afterEach(() => Object.assign(env, settings))

const missing = { kind: "missing" }
const upload = (actor: Actor, content = "hello", fields: Partial<Parameters<typeof uploadFile>[2]> = {}) =>
  uploadFile(actor, Readable.from([Buffer.from(content)]), async () => ({
    filename: "a.txt",
    type: "text/plain",
    metadata: {},
    ...fields,
  }))
const isKept = async (stored_as: string) => {
  for await (const one of contentStore().list()) if (one.stored_as === stored_as) return true
  return false
}
const expire = (id: string) =>
  write(
    async (tx) =>
      void (await tx
        .update(files)
        .set({ expires_at: fromNow(-1) })
        .where(eq(files.id, id))),
  )

test("an upload is kept with its checksums, for a day, and can be read, listed and deleted by its account alone", async () => {
  const [alice, eve] = [(await anAccount()).actor, (await anAccount()).actor]
  const file = await upload(alice, "hello", { metadata: { customer: 123 } } as never)
  expect(file).toMatchObject({
    name: "a.txt",
    content_type: "text/plain",
    size: 5,
    md5: createHash("md5").update("hello").digest("hex"),
    sha256: createHash("sha256").update("hello").digest("hex"),
    metadata: { customer: 123 },
    secret: null,
  })
  expect(Date.parse(file.expires_at!) - Date.parse(file.created_at)).toBeCloseTo(24 * 3600_000, -4)
  expect(await text(await openFile(await getFile(alice, file.id)))).toBe("hello")
  expect((await listFiles(eve)).rows).toEqual([])
  await expect(getFile(eve, file.id)).rejects.toMatchObject({ ...missing, detail: "File not found" })
  await expect(deleteFile(eve, file.id)).rejects.toMatchObject(missing)

  await deleteFile(alice, file.id)
  await expect(getFile(alice, file.id)).rejects.toMatchObject(missing)
  await expect(deleteFile(alice, file.id)).rejects.toMatchObject(missing)
  expect(await isKept(file.stored_as)).toBe(false)
})

test("uploads are listed newest first, page by page and back", async () => {
  const { actor } = await anAccount()
  const ids: string[] = []
  for (let n = 0; n < 205; n++) ids.unshift((await upload(actor, String(n))).id)
  const first = await listFiles(actor)
  const second = await listFiles(actor, first.next!)
  const third = await listFiles(actor, second.next!)
  expect([...first.rows, ...second.rows, ...third.rows].map(({ id }) => id)).toEqual(ids)
  expect([first.previous, third.next]).toEqual([null, null])
  expect((await listFiles(actor, third.previous!)).rows.map(({ id }) => id)).toEqual(second.rows.map(({ id }) => id))
})

test.each([
  ["../../etc/passwd", "passwd"],
  ["C:\\temp\\a b.png", "a b.png"],
  ["..", "file"],
  ["", "file"],
  ["a\u0000\r\nb", "ab"],
  ["größe 💥.png", "größe 💥.png"],
])("the name %j comes to %j", async (filename, name) => {
  expect((await upload((await anAccount()).actor, "x", { filename } as never)).name).toBe(name)
})

test.each([
  ["a name that is too long", { filename: `${"ü".repeat(126)}.txt` }],
  ["a type that is none", { type: "text/html\r\nset-cookie: a=b" }],
  ["metadata that is no object", { metadata: [1] }],
  ["metadata that is too long", { metadata: { a: "x".repeat(17_000) } }],
])("with %s it is refused and nothing stays", async (_, fields) => {
  const { actor } = await anAccount()
  const before = (await read().select().from(files)).length
  await expect(upload(actor, "hello", fields as never)).rejects.toThrow()
  expect((await read().select().from(files)).length).toBe(before)
})

test("more than FILE_LIMIT_MB is refused in the contract's words, and no part of it stays", async () => {
  env.FILE_LIMIT_MB = 1
  const { actor } = await anAccount()
  await expect(upload(actor, "x".repeat(1024 * 1024 + 1))).rejects.toMatchObject({
    kind: "tooLarge",
    detail: "Files must be less than 1MB in size",
  })
  expect((await upload(actor, "x".repeat(1024 * 1024))).size).toBe(1024 * 1024)
  expect((await listFiles(actor)).rows.length).toBe(1)
})

test("uploads and outputs count to what an account may keep", async () => {
  const admin = await anAdministrator()
  await changeSettings(admin, { STORAGE_PER_ACCOUNT_GB: "0.000001" })
  try {
    const { actor } = await anAccount()
    const run = await aRun(actor)
    await upload(actor, "x".repeat(600))
    await expect(upload(actor, "x".repeat(600))).rejects.toMatchObject({ kind: "forbidden" })
    const output = { name: "a", content_type: "text/plain" }
    await putOutput(run, output, Readable.from([Buffer.alloc(400)]))
    await expect(putOutput(run, output, Readable.from([Buffer.alloc(1)]))).rejects.toMatchObject({ kind: "forbidden" })
  } finally {
    await changeSettings(admin, { STORAGE_PER_ACCOUNT_GB: "" })
  }
})

test("files that arrive side by side count while they do, and make room again when they break off", async () => {
  const admin = await anAdministrator()
  await changeSettings(admin, { STORAGE_PER_ACCOUNT_GB: "0.000001" })
  try {
    const { actor } = await anAccount()
    const sources = Array.from({ length: 4 }, () => new PassThrough())
    const uploads = sources.map((source) =>
      uploadFile(actor, source, async () => ({ filename: "a", type: "text/plain", metadata: {} })).catch(
        (error: unknown) => error,
      ),
    )
    for (const source of sources) source.write(Buffer.alloc(400))
    const refused = await Promise.any(
      uploads.map(async (upload) => {
        const outcome = await upload
        if (!(outcome instanceof Error)) throw new Error("kept")
        return outcome
      }),
    )
    expect(refused).toMatchObject({ kind: "forbidden" })
    expect((await listFiles(actor)).rows).toEqual([])
    for (const source of sources) source.destroy(new Error("gone"))
    await Promise.all(uploads)
    expect((await upload(actor, "x".repeat(900))).size).toBe(900)
  } finally {
    await changeSettings(admin, { STORAGE_PER_ACCOUNT_GB: "" })
  }
})

test("a signed address lets anybody download until its time is over, and nobody changes it", async () => {
  const { actor } = await anAccount()
  const file = await upload(actor)
  const expiry = Math.floor(Date.now() / 1000) + 60
  const owner = actor.username
  const signature = signDownload(owner, actor.owner_id, file.id, expiry)
  expect((await getSignedFile(file.id, { owner, expiry, signature })).id).toBe(file.id)
  for (const other of [
    { owner: "eve", expiry, signature },
    { owner, expiry: expiry + 1, signature },
    { owner, expiry, signature: signature.slice(0, -4) },
    { owner, expiry, signature: "" },
    { owner, expiry: expiry - 120, signature: signDownload(owner, actor.owner_id, file.id, expiry - 120) },
  ])
    await expect(getSignedFile(file.id, other)).rejects.toMatchObject(missing)
  const another = await upload(actor)
  await expect(getSignedFile(another.id, { owner, expiry, signature })).rejects.toMatchObject(missing)
})

test("what has expired is gone at once, and its content within the next sweep", async () => {
  const { actor } = await anAccount()
  const file = await upload(actor)
  await expire(file.id)
  await expect(getFile(actor, file.id)).rejects.toMatchObject(missing)
  expect((await listFiles(actor)).rows).toEqual([])
  expect(await isKept(file.stored_as)).toBe(true)
  expect(await removeExpiredFiles()).toBeGreaterThan(0)
  expect(await isKept(file.stored_as)).toBe(false)
})

test("uploads of an account that was deleted go with the next sweep", async () => {
  const { actor } = await anAccount()
  const file = await upload(actor)
  await write(
    async (tx) => void (await tx.update(owners).set({ deleted_at: now() }).where(eq(owners.id, actor.owner_id))),
  )
  await removeExpiredFiles()
  expect(await isKept(file.stored_as)).toBe(false)
})

test("a content without a row is swept once it is old, and one with a row never", async () => {
  const { actor } = await anAccount()
  const file = await upload(actor)
  const stray = await upload(actor)
  await write(async (tx) => void (await tx.delete(files).where(eq(files.id, stray.id))))
  expect(await removeStrayContents()).toBe(0)
  expect(await removeStrayContents(-1000)).toBe(1)
  expect([await isKept(file.stored_as), await isKept(stray.stored_as)]).toEqual([true, false])
})

test("an output has an address nobody can guess, of whichever site it is asked at", async () => {
  const { actor } = await anAccount()
  const run = await aRun(actor)
  const { url, file } = await putOutput(
    run,
    { name: "out/größe?.png", content_type: "image/png" },
    Readable.from([Buffer.from("png")]),
  )
  expect(url).toBe(storedUrl(file))
  const origin = "https://models.example.com"
  expect(withPublicUrls({ output: [url, 1, null, "text"] }, origin)).toEqual({
    output: [`${origin}/files/${file.secret}/gr%C3%B6%C3%9Fe%3F.png`, 1, null, "text"],
  })
  env.FILES_URL = "https://files.example.com"
  expect(withPublicUrls(url, origin)).toMatch(/^https:\/\/files\.example\.com\/files\//)

  expect(await text(await openFile(await getPublicFile(file.secret!, file.name)))).toBe("png")
  await expect(getPublicFile(file.secret!, "other.png")).rejects.toMatchObject(missing)
  await expect(getPublicFile("0".repeat(26), file.name)).rejects.toMatchObject(missing)
  await expect(getPublicFile(file.id, file.name)).rejects.toMatchObject(missing)
})

test("an output that is too large is refused, and no part of it stays", async () => {
  env.OUTPUT_LIMIT_GB = 1e-6
  const run = await aRun((await anAccount()).actor)
  const put = (size: number) => putOutput(run, { name: "a", content_type: "x/y" }, Readable.from([Buffer.alloc(size)]))
  await expect(put(1001)).rejects.toMatchObject({ kind: "tooLarge" })
  expect((await put(1000)).file.size).toBe(1000)
})

test("the files of a run go with its data, and outputs of a run that is gone are not kept", async () => {
  const { actor } = await anAccount()
  const run = await aRun(actor)
  const put = () => putOutput(run, { name: "a", content_type: "text/plain" }, Readable.from([Buffer.from("a")]))
  const { file } = await put()
  const removeContents = await write((tx) => forgetFilesOf(tx, [run.number]))
  await removeContents()
  expect(await isKept(file.stored_as)).toBe(false)
  await write(async (tx) => void (await tx.delete(predictions).where(eq(predictions.number, run.number))))
  await expect(put()).rejects.toThrow()
  expect(await removeStrayContents(-1000)).toBe(0)
})
