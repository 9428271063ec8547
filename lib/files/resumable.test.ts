import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { afterEach, beforeAll, expect, test } from "vitest"

import { write } from "@/db"
import { file_uploads } from "@/db/schema"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { fromNow } from "@/lib/clock"
import { changeSettings } from "@/lib/settings/setting"
import { anAccount, anAdministrator } from "@/lib/test/factories"
import { openFile } from "./file"
import { contentStore } from "./content-store"
import {
  appendPart,
  cancelUpload,
  finishUpload,
  mostUploads,
  partLimit,
  removeAbandonedUploads,
  startUpload,
  uploadedBytes,
} from "./resumable"
import { removeStrayContents } from "./sweep"

let alice: Actor
let bob: Actor
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
})
const limit = env.UPLOAD_LIMIT_GB
afterEach(() => {
  env.UPLOAD_LIMIT_GB = limit
})

const start = (size: number, by = alice) => startUpload(by, { filename: "weights.bin", type: "", size })
const append = (id: string, at: number, content: string, by = alice) =>
  appendPart(by, id, at, Readable.from([Buffer.from(content)]))
async function stored() {
  const names: string[] = []
  for await (const { stored_as } of contentStore().list()) names.push(stored_as)
  return names.length
}

test("a file that arrives in parts is one, and its parts are gone", async () => {
  const before = await stored()
  const id = await start(11)
  expect(await append(id, 0, "hello ")).toBe(6)
  expect(await uploadedBytes(alice, id)).toBe(6)
  expect(await append(id, 6, "world")).toBe(11)
  const file = await finishUpload(alice, id)
  expect(file).toMatchObject({
    id,
    kind: "upload",
    name: "weights.bin",
    size: 11,
    content_type: "application/octet-stream",
  })
  expect(await text(await openFile(file))).toBe("hello world")
  expect(await stored()).toBe(before + 1)
})

test("who repeats a request because no answer came, gets the same", async () => {
  const id = await start(5)
  await append(id, 0, "hello")
  const [first, second] = await Promise.all([finishUpload(alice, id), finishUpload(alice, id)])
  expect(second.id).toBe(first.id)
  expect((await finishUpload(alice, id)).sha256).toBe(first.sha256)
})

/** Requests that do not know of each other, as on two servers. */
async function apart<T>(work: () => Promise<T>): Promise<T> {
  const slot = globalThis as unknown as Record<symbol, unknown>
  const key = Symbol.for("understudy.finishing")
  const before = slot[key]
  slot[key] = { get: () => undefined, set: () => {}, delete: () => {} }
  return work().finally(() => (slot[key] = before))
}

test("who repeats a request at another server gets the same, and its content stays", async () => {
  const before = await stored()
  const id = await start(11)
  await append(id, 0, "hello ")
  await append(id, 6, "world")
  const files = await apart(() => Promise.all(Array.from({ length: 4 }, () => finishUpload(alice, id))))
  for (const file of files) expect(file).toEqual(files[0])
  expect(await text(await openFile(files[0]!))).toBe("hello world")
  expect(await stored()).toBe(before + 1)
})

test("a part belongs where the last one ended, once, and none is larger than announced", async () => {
  const id = await start(10)
  await append(id, 0, "hello")
  const before = await stored()
  await expect(append(id, 0, "hello")).rejects.toMatchObject({ kind: "conflict", fields: { start: "5" } })
  await expect(append(id, 7, "x")).rejects.toMatchObject({ kind: "conflict" })
  await expect(append(id, 5, "123456")).rejects.toMatchObject({ kind: "tooLarge" })
  await expect(append(id, 5, "")).rejects.toMatchObject({ kind: "invalid" })
  await expect(finishUpload(alice, id)).rejects.toMatchObject({ kind: "conflict", fields: { start: "5" } })
  const both = await Promise.allSettled([append(id, 5, "abcde"), append(id, 5, "fghij")])
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"])
  expect(await uploadedBytes(alice, id)).toBe(10)
  expect(await stored()).toBe(before + 1)
  const large = await start(partLimit * 2)
  await expect(append(large, 0, "x".repeat(partLimit + 1))).rejects.toMatchObject({ kind: "tooLarge" })
  await cancelUpload(alice, large)
})

test("a connection that breaks leaves the part out, and the upload goes on", async () => {
  const id = await start(10)
  await append(id, 0, "hello")
  // Before the stream is read, and in the middle.
  for (const when of [0, 50]) {
    const broken = new Readable({ read() {} })
    const sent = appendPart(alice, id, 5, broken)
    broken.push("wor")
    setTimeout(() => broken.destroy(new Error("aborted")), when)
    await expect(sent).rejects.toThrow()
    expect(await uploadedBytes(alice, id)).toBe(5)
  }
  expect(await append(id, 5, "world")).toBe(10)
  expect((await finishUpload(alice, id)).size).toBe(10)
})

test("uploads of others are not there, and a token that only reads begins none", async () => {
  const id = await start(5)
  const missing = { kind: "missing" }
  await expect(uploadedBytes(bob, id)).rejects.toMatchObject(missing)
  await expect(append(id, 0, "hello", bob)).rejects.toMatchObject(missing)
  await expect(finishUpload(bob, id)).rejects.toMatchObject(missing)
  await expect(cancelUpload(bob, id)).rejects.toMatchObject(missing)
  await expect(start(5, { ...alice, scopes: ["read"] })).rejects.toMatchObject({ kind: "forbidden" })
  await append(id, 0, "hello")
  await finishUpload(alice, id)
  await expect(finishUpload(bob, id)).rejects.toMatchObject(missing)
})

test("size, storage and the number of unfinished uploads have limits", async () => {
  env.UPLOAD_LIMIT_GB = 0.000001
  await expect(start(1001)).rejects.toMatchObject({ kind: "tooLarge" })
  env.UPLOAD_LIMIT_GB = 0
  const { actor } = await anAccount()
  const admin = await anAdministrator()
  await changeSettings(admin, { STORAGE_PER_ACCOUNT_GB: "0.000001" })
  try {
    await expect(start(1001, actor)).rejects.toMatchObject({ kind: "forbidden" })
    const [first, second] = [await start(600, actor), await start(600, actor)]
    await append(first, 0, "x".repeat(600), actor)
    // Received parts of unfinished uploads count, and finishing does not count them twice.
    await expect(append(second, 0, "x".repeat(600), actor)).rejects.toMatchObject({ kind: "forbidden" })
    expect((await finishUpload(actor, first)).size).toBe(600)
    await cancelUpload(actor, second)
  } finally {
    await changeSettings(admin, { STORAGE_PER_ACCOUNT_GB: "" })
  }
  for (let n = 0; n < mostUploads; n++) await start(1, actor)
  await expect(start(1, actor)).rejects.toMatchObject({ kind: "throttled" })
  await quietSince(-1000)
  await expect(start(1, actor)).resolves.toBeDefined()
})

const quietSince = (seconds: number) =>
  write(async (tx) => void (await tx.update(file_uploads).set({ written_at: fromNow(seconds) })))

test("what nobody continues goes, and what is continued is no stray", async () => {
  const id = await start(10)
  await append(id, 0, "hello")
  await removeStrayContents(0)
  expect(await append(id, 5, "world")).toBe(10)
  await removeAbandonedUploads()
  expect(await uploadedBytes(alice, id)).toBe(10)
  const before = await stored()
  await quietSince(-25 * 3600)
  await removeAbandonedUploads()
  await expect(uploadedBytes(alice, id)).rejects.toMatchObject({ kind: "missing" })
  expect(await stored()).toBeLessThanOrEqual(before - 2)
})
