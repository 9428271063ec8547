import { randomUUID } from "node:crypto"
import type { Readable } from "node:stream"

import type { Db } from "@/db"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { log } from "@/lib/log"
import type { Model } from "@/lib/models/model"
import { publishPushEvent } from "@/lib/pushes/push"
import { asProblem, Problem, problem } from "@/lib/problem"
import { isPullableNow, pullableModel, withPushableModel, writePush, type Caller } from "./access"
import { TooLarge } from "@/lib/images/blob-storage"
import { blobFile, blobStore } from "@/lib/images/blobs"
import { algorithmOf, isDigest } from "@/lib/images/digest"
import { modelNamed } from "./path"
import { gigabyte, storageUsedUpMessage, storageLeft, storageLimit } from "@/lib/images/quota"
import { holdBlob, shareBlob } from "@/lib/images/blob-store"
import {
  deleteUpload,
  dropUpload,
  findUpload,
  insertUpload,
  listUploadsBy,
  recordUploadSize,
  recordUploadSizeWithin,
} from "@/lib/images/upload-store"
import { reserveStorage, type StorageReservation } from "@/lib/images/storage-reservation"

/**
 * Starts an upload and returns its ID. Throws what `pushableModel` throws, and `forbidden` if the account's storage is
 * used up.
 */
export async function startUpload(caller: Caller, owner: string, name: string): Promise<string> {
  return withPushableModel(caller, owner, name, async (model) => {
    if ((await storageLeft(model.owner_id)) <= 0) throw refusalOf(model, 0)
    await requireFewUploads(caller.actor!.owner_id)
    const id = randomUUID()
    await blobStore().create(id)
    const upload = { id, model_id: model.id, owner_id: caller.actor!.owner_id, started_at: now() }
    await writePush(caller, model, (tx) => insertUpload(tx, upload)).catch(async (error: unknown) => {
      await blobStore().discard(id)
      throw error
    })
    return id
  })
}

/** Maximum unfinished uploads of an account: all layers of twenty parallel Docker pushes. */
const maxUploads = 100
/** Seconds without a write after which an upload counts as abandoned. */
const givenUpAfter = 900

/** Cancels abandoned uploads at the limit; throws `throttled` if too many remain. */
async function requireFewUploads(owner_id: number) {
  const open = await listUploadsBy(owner_id)
  const abandoned = open.filter(({ written_at }) => written_at < fromNow(-givenUpAfter))
  if (open.length < maxUploads) return
  for (const { id } of abandoned) await cancel(id)
  if (open.length - abandoned.length < maxUploads) return
  throw problem("throttled", `You have ${open.length} unfinished uploads. Finish or cancel some of them first.`, {}, 60)
}

/**
 * Mounts a blob from another model. False if that model does not hold it or the caller may not see it: the blob then
 * has to be uploaded.
 */
export async function mountBlob(
  caller: Caller,
  owner: string,
  name: string,
  { digest, from }: { digest: string; from: string },
): Promise<boolean> {
  return withPushableModel(caller, owner, name, async (model) => {
    const source = modelNamed(from)
    if (!source || !isDigest(digest)) return false
    const other = await pullableModel(caller, source.owner, source.name).catch(() => undefined)
    if (!other) return false
    return writePush(
      caller,
      model,
      async (tx, actor) =>
        (await isPullableNow(tx, actor, other)) && shareBlob(tx, other.id, model.id, digest, storageLimit()),
    )
  })
}

/** The received size of an upload in bytes. Throws `missing` if it does not exist or has ended. */
export async function uploadSize(caller: Caller, owner: string, name: string, id: string): Promise<number> {
  return withPushableModel(caller, owner, name, (model) => sizeOf(model, id))
}

export type Chunk = {
  source: Readable
  /** The declared length in bytes. */
  length?: number
  /** The declared offset. */
  start?: number
}

/**
 * Appends to an upload and returns its received size. Throws `conflict` about the range for a chunk at another offset,
 * `tooLarge` and `forbidden` for too much data, before reading any of it if its declared length says so.
 */
export async function appendToUpload(
  caller: Caller,
  owner: string,
  name: string,
  id: string,
  chunk: Chunk,
): Promise<number> {
  return withPushableModel(caller, owner, name, async (model) => {
    // A client that lost its connection may reconnect before the server notices.
    await blobStore().endAppend(id)
    const size = await sizeOf(model, id)
    if (chunk.start !== undefined && chunk.start !== size) throw outOfOrder(size)
    if (chunk.length === 0) return size
    const most = largestLayer()
    if (size + (chunk.length ?? 0) > most) throw refusalOf(model, most)
    const room = await reserveStorage(model.owner_id, chunk.length ?? 0, () => storageLeft(model.owner_id))
    if (!room) throw refusalOf(model, 0)
    return receive(caller, model, id, chunk.source, { size, most, room })
  })
}

/** Milliseconds between two records of an upload's size. */
const noteEvery = 10_000

async function receive(
  caller: Caller,
  model: Model,
  id: string,
  source: Readable,
  { size: before, most, room }: { size: number; most: number; room: StorageReservation },
): Promise<number> {
  let [noted, arrived, isFull, isRecorded] = [performance.now(), before, false, false]
  let size = before
  try {
    size = await blobStore().append(id, source, {
      limit: most,
      onBytes(bytes) {
        arrived += bytes
        isFull = !room.grow(bytes)
        if (isFull) {
          // Released at once, so that parallel uploads can continue.
          room.end(0)
          throw new TooLarge()
        }
        publishPushEvent(model.id, { type: "bytes", bytes })
        if (performance.now() - noted < noteEvery) return
        noted = performance.now()
        void noteProgress(id, arrived)
      },
    })
    // Checked again: the right to push may have been lost during a long body.
    await writePush(caller, model, (tx) => recordUploadSizeWithin(tx, id, size))
    isRecorded = true
    return size
  } catch (error) {
    if (!(error instanceof TooLarge)) {
      // It may have been finished while this request waited for the lock.
      size = await sizeOf(model, id)
      // On a full disk, partial data would keep it full for everybody until garbage collection.
      if (asProblem(error).kind === "full") await cancel(id).catch(() => {})
      throw error
    }
    await cancel(id)
    throw refusalOf(model, isFull ? 0 : most)
  } finally {
    // If the upload's row is gone, nothing is recorded.
    if (!isRecorded) await noteProgress(id, size)
    room.end(Math.max(0, size - before))
  }
}

/** Data of unfinished uploads counts towards the quota, even if its sender has lost access. */
const noteProgress = (id: string, size: number): Promise<void> =>
  recordUploadSize(id, size).catch((error: unknown) => log("warn", "an upload could not be noted", { error }))

/**
 * Finishes an upload: its data becomes the blob of that digest, held by the model. Throws `invalid` about the digest if
 * it does not match.
 */
export async function finishUpload(
  caller: Caller,
  owner: string,
  name: string,
  id: string,
  digest: string,
): Promise<void> {
  return withPushableModel(caller, owner, name, async (model) => {
    if (!isDigest(digest)) throw wrongDigest(`"${digest.slice(0, 100)}" is not a SHA-256 or SHA-512 digest.`)
    const store = blobStore()
    const size = await store.exclusively(id, async () => {
      const size = await sizeOf(model, id)
      const found = await store.digestOf(id, algorithmOf(digest))
      if (found !== digest) {
        await cancel(id)
        const detail = `The uploaded blob has the digest ${found}, not ${digest}. Push again.`
        publishPushEvent(model.id, { type: "refused", detail })
        throw wrongDigest(detail)
      }

      const file = await store.complete(id, blobFile(digest))
      const hold = (tx: Db) => holdBlob(tx, model.id, { digest, size, file }, storageLimit())
      const kept = await writePush(caller, model, hold).catch(async (error: unknown) => {
        // After any other error it is unknown whether the write was committed.
        if (error instanceof Problem) await Promise.all([store.remove(file), cancel(id)])
        throw error
      })
      if (kept !== file) await store.remove(file)
      await cancel(id)
      if (kept === null) throw refusalOf(model, 0)
      return size
    })
    publishPushEvent(model.id, { type: "layer", digest, size })
  })
}

/** Cancels an upload and discards its data. Throws what `pushableModel` throws, and `missing` if it has ended. */
export async function cancelUpload(caller: Caller, owner: string, name: string, id: string): Promise<void> {
  return withPushableModel(caller, owner, name, async (model) => {
    await sizeOf(model, id)
    await writePush(caller, model, (tx) => deleteUpload(tx, id))
    await blobStore().discard(id)
  })
}

const isUploadId = (text: string) => /^[0-9a-f-]{36}$/.test(text)

async function cancel(id: string) {
  await blobStore().discard(id)
  await dropUpload(id)
}

async function sizeOf(model: Model, id: string): Promise<number> {
  const size = isUploadId(id) && (await findUpload(model.id, id)) ? await blobStore().sizeOf(id) : undefined
  if (size !== undefined) return size
  const detail = "The upload does not exist or has ended. Start again."
  throw problem("missing", detail, { upload: detail })
}

const largestLayer = () =>
  Math.min(blobStore().largest, env.LAYER_LIMIT_GB === 0 ? Infinity : env.LAYER_LIMIT_GB * gigabyte)

function refusalOf(model: Model, limit: number) {
  const tooLarge = limit >= largestLayer()
  const detail = tooLarge
    ? `A layer may have at most ${largestLayer() / gigabyte} GB. Split it, or ask the operator to raise LAYER_LIMIT_GB.`
    : storageUsedUpMessage(model.owner)
  publishPushEvent(model.id, { type: "refused", detail })
  return problem(tooLarge ? "tooLarge" : "forbidden", detail)
}

const outOfOrder = (size: number) => {
  const detail = `The next chunk must start at byte ${size}.`
  return problem("conflict", detail, { range: String(size) })
}

const wrongDigest = (detail: string) => problem("invalid", detail, { digest: detail })
