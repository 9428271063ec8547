import { Readable } from "node:stream"

import { env } from "@/env"
import { writeAs } from "@/lib/access/write-as"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { isId, newId } from "@/lib/id"
import { gigabyte, storageLeft } from "@/lib/images/quota"
import { reserveStorage } from "@/lib/images/storage-reservation"
import type { Job } from "@/lib/jobs/job"
import { invalid, problem } from "@/lib/problem"
import { TooLarge } from "./contents"
import { getFile, noFile, uploadExpiry, type File } from "./file"
import { accountFull, storeFile, ignoreStreamErrors, removeContents } from "./store-file"
import { contentStore } from "./content-store"
import { NewUpload } from "./schema"
import {
  deleteUploads,
  deleteUploadsBefore,
  findUpload,
  insertPart,
  insertUpload,
  listParts,
  listUploadsOf,
  type Part,
  type Upload,
} from "./upload-store"

/** Maximum size of a part: small enough to arrive within a minute on a slow connection. */
export const partLimit = 8 * 1024 * 1024
/** Maximum number of unfinished uploads of an account. */
export const mostUploads = 20
/** Seconds without a new part after which an upload can be replaced at the limit, and after which it is removed. */
const givesWayAfter = 900
const givenUpAfter = 24 * 3600

const fileLimit = () => (env.UPLOAD_LIMIT_GB === 0 ? Infinity : env.UPLOAD_LIMIT_GB * gigabyte)

/**
 * Begins the upload of a file that arrives in parts, and returns its ID. Throws `tooLarge`, `forbidden` if the
 * account's storage does not suffice, and `throttled` if it has too many unfinished uploads.
 */
export async function startUpload(actor: Actor, input: NewUpload): Promise<string> {
  const { filename, type, size } = NewUpload.parse(input)
  requireScope(actor, "write")
  if (size > fileLimit())
    throw problem("tooLarge", `A file may have at most ${env.UPLOAD_LIMIT_GB} GB (UPLOAD_LIMIT_GB).`)
  if (size > (await storageLeft(actor.owner_id))) throw accountFull()
  const upload = { id: newId(), owner_id: actor.owner_id, name: filename, content_type: type, size, written_at: now() }
  const start = async (tx: Parameters<typeof insertUpload>[0]) => {
    const open = await listUploadsOf(tx, actor.owner_id)
    const quiet = open.filter(({ written_at }) => written_at < fromNow(-givesWayAfter))
    const gone = open.length < mostUploads ? [] : quiet.map(({ id }) => id)
    if (open.length - gone.length >= mostUploads)
      throw problem("throttled", `You have ${open.length} unfinished uploads. Finish or cancel some first.`, {}, 60)
    await insertUpload(tx, upload)
    return deleteUploads(tx, gone)
  }
  await removeContents(await writeAs(actor, { scope: "write" }, start, `uploads of ${actor.owner_id}`))
  return upload.id
}

/**
 * The number of received bytes of an upload. Throws `missing` for uploads of others, and finished or cancelled ones.
 */
export async function uploadedBytes(actor: Actor, id: string): Promise<number> {
  await ownUpload(actor, id)
  return endOf(await listParts(id))
}

/**
 * Stores the next part of an upload, from byte `start` on, and returns the number of received bytes. Throws `missing`,
 * `conflict` if `start` is not the next byte, `tooLarge` beyond the announced size or the size of a part, `invalid` for
 * an empty part, and `forbidden` if the account's storage is used up.
 */
export async function appendPart(actor: Actor, id: string, start: number, source: Readable): Promise<number> {
  ignoreStreamErrors(source)
  const upload = await ownUpload(actor, id)
  const arrived = endOf(await listParts(id))
  if (start !== arrived) throw outOfOrder(arrived)
  const room = await reserveStorage(actor.owner_id, 1, () => storageLeft(actor.owner_id))
  if (!room) throw accountFull()
  try {
    const most = Math.min(partLimit, upload.size - start)
    const stored = await contentStore()
      .put(newId(), source, most, (bytes) => {
        if (!room.grow(bytes)) throw accountFull()
      })
      .catch((error: unknown) => {
        throw error instanceof TooLarge ? problem("tooLarge", `This part may have at most ${most} bytes.`) : error
      })
    const part = { upload: id, start, size: stored.size, stored_as: stored.stored_as }
    try {
      if (stored.size === 0) throw invalid({ start: "A part has at least one byte." })
      if (!(await writeAs(actor, { scope: "write" }, (tx) => addPart(tx, part)))) throw outOfOrder(start)
    } catch (error) {
      await removeContents([stored.stored_as])
      throw error
    }
    room.end(stored.size)
    return start + stored.size
  } finally {
    room.end(0)
  }
}

async function addPart(tx: Parameters<typeof insertPart>[0], part: Part): Promise<boolean> {
  if (!(await findUpload(part.upload, tx))) throw noFile()
  return insertPart(tx, part, now())
}

/**
 * Turns a complete upload into a file. Repeating it returns the same file. Throws `conflict` if bytes are missing, and
 * `missing` for cancelled uploads and those of others.
 */
export async function finishUpload(actor: Actor, id: string): Promise<File> {
  const upload = isId(id) ? await findUpload(id) : undefined
  if (!upload) return getFile(actor, id)
  if (upload.owner_id !== actor.owner_id) throw noFile()
  // A client that repeats the request after a lost connection waits for the same work.
  const work = finishing().get(id) ?? finish(actor, upload).finally(() => finishing().delete(id))
  finishing().set(id, work)
  try {
    return await work
  } catch (error) {
    if (await findUpload(id)) throw error
    // Another server has finished it meanwhile, or it was cancelled.
    return getFile(actor, id)
  }
}

const key = Symbol.for("understudy.finishing")
const slot = globalThis as typeof globalThis & { [key]?: Map<string, Promise<File>> }
const finishing = (): Map<string, Promise<File>> => (slot[key] ??= new Map())

async function finish(actor: Actor, { id, size, name, content_type }: Upload): Promise<File> {
  const parts = await listParts(id)
  if (endOf(parts) !== size) throw outOfOrder(endOf(parts))
  let gone: string[] = []
  const file = await storeFile(
    actor.owner_id,
    Readable.from(contentOf(parts), { objectMode: false }),
    { id, most: size, replaces: size, tooLarge: () => problem("tooLarge", "The file is larger than announced.") },
    () => ({
      kind: "upload",
      prediction: null,
      name,
      content_type,
      metadata: {},
      secret: null,
      expires_at: uploadExpiry(),
    }),
    (fn) =>
      writeAs(actor, { scope: "write" }, async (tx) => {
        if (!(await findUpload(id, tx))) throw noFile()
        gone = await deleteUploads(tx, [id])
        return fn(tx)
      }),
  )
  await removeContents(gone)
  return file
}

async function* contentOf(parts: Part[]): AsyncGenerator<Buffer> {
  for (const { stored_as } of parts) {
    const content = await contentStore().read(stored_as)
    if (!content) throw noFile()
    yield* content as AsyncIterable<Buffer>
  }
}

/** Cancels an upload and deletes its parts. Throws what `uploadedBytes` throws. */
export async function cancelUpload(actor: Actor, id: string): Promise<void> {
  await ownUpload(actor, id)
  await removeContents(await writeAs(actor, { scope: "write" }, (tx) => deleteUploads(tx, [id])))
}

/** Removes uploads without a new part for `age` seconds. */
export async function removeAbandonedUploads(age = givenUpAfter): Promise<void> {
  const atOnce = 20
  for (;;) {
    const gone = await deleteUploadsBefore(fromNow(-age), atOnce)
    await removeContents(gone)
    if (gone.length === 0) return
  }
}

export const abandonedUploadsJob: Job = {
  name: "abandoned-uploads",
  every: 3600,
  by: "installation",
  delay: 300,
  run: () => removeAbandonedUploads(),
}

async function ownUpload(actor: Actor, id: string): Promise<Upload> {
  const upload = isId(id) ? await findUpload(id) : undefined
  if (upload?.owner_id !== actor.owner_id) throw noFile()
  return upload
}

const endOf = (parts: Part[]): number => parts.reduce((end, { size }) => end + size, 0)

const outOfOrder = (arrived: number) =>
  problem("conflict", `The next part must start at byte ${arrived}.`, { start: String(arrived) })
