import { randomUUID } from "node:crypto"
import type { Readable } from "node:stream"

import type { Db } from "@/db"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { log } from "@/lib/log"
import type { Model } from "@/lib/models/model"
import { publishPushEvent } from "@/lib/pushes/push"
import { asProblem, Problem, problem } from "@/lib/problem"
import { isPullableNow, pullableModel, pushing, writePush, type Caller } from "./access"
import { TooLarge } from "@/lib/images/blob-storage"
import { blobFile, blobStore } from "@/lib/images/blobs"
import { algorithmOf, isDigest } from "@/lib/images/digest"
import { modelNamed } from "./path"
import { gigabyte, storageIsUsedUp, storageLeft, storageLimit } from "@/lib/images/quota"
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
import { reserveRoom, type Room } from "@/lib/images/room"

/** Begins an upload and answers its id. Throws what `pushableModel` throws, and `forbidden` when the account's storage is used up. */
export async function startUpload(caller: Caller, owner: string, name: string): Promise<string> {
  return pushing(caller, owner, name, async (model) => {
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

/** Unfinished uploads of an account: every layer of twenty pushes at once, as Docker does them. */
const mostUploads = 100
/** Seconds after which one that nothing was written to may be given up for another one. */
const givenUpAfter = 900

/** Throws `throttled` to who leaves too many uploads unfinished. Those that nobody goes on with make room. */
async function requireFewUploads(owner_id: number) {
  const open = await listUploadsBy(owner_id)
  const abandoned = open.filter(({ written_at }) => written_at < fromNow(-givenUpAfter))
  if (open.length < mostUploads) return
  for (const { id } of abandoned) await cancel(id)
  if (open.length - abandoned.length < mostUploads) return
  throw problem("throttled", `You have ${open.length} unfinished uploads. Finish or cancel some of them first.`, {}, 60)
}

/**
 * Lets the model hold a content that another one holds. False when that one does not hold it or is not the caller's to see: then
 * the content has to be uploaded like any other.
 */
export async function mountBlob(
  caller: Caller,
  owner: string,
  name: string,
  { digest, from }: { digest: string; from: string },
): Promise<boolean> {
  return pushing(caller, owner, name, async (model) => {
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

/** How many bytes of an upload have arrived. Throws `missing` for one that is not, or no longer, there. */
export async function uploadSize(caller: Caller, owner: string, name: string, id: string): Promise<number> {
  return pushing(caller, owner, name, (model) => sizeOf(model, id))
}

export type Chunk = {
  source: Readable
  /** How many bytes it says it has. */
  length?: number
  /** Where it says it belongs. */
  start?: number
}

/**
 * Goes on with an upload and answers how much of it has arrived. Throws `conflict` about the range when the chunk belongs elsewhere,
 * `tooLarge` and `forbidden` for more than may be kept – before any of it is read, where its length says so.
 */
export async function appendToUpload(
  caller: Caller,
  owner: string,
  name: string,
  id: string,
  chunk: Chunk,
): Promise<number> {
  return pushing(caller, owner, name, async (model) => {
    // A client that lost its connection may be back before we have noticed.
    await blobStore().endAppend(id)
    const size = await sizeOf(model, id)
    if (chunk.start !== undefined && chunk.start !== size) throw outOfOrder(size)
    if (chunk.length === 0) return size
    const most = largestLayer()
    if (size + (chunk.length ?? 0) > most) throw refusalOf(model, most)
    const room = await reserveRoom(model.owner_id, chunk.length ?? 0, () => storageLeft(model.owner_id))
    if (!room) throw refusalOf(model, 0)
    return receive(caller, model, id, chunk.source, { size, most, room })
  })
}

/** Milliseconds between two notes of how far an upload is. */
const noteEvery = 10_000

async function receive(
  caller: Caller,
  model: Model,
  id: string,
  source: Readable,
  { size: before, most, room }: { size: number; most: number; room: Room },
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
          // At once, so that those beside it may go on.
          room.end(0)
          throw new TooLarge()
        }
        publishPushEvent(model.id, { type: "bytes", bytes })
        if (performance.now() - noted < noteEvery) return
        noted = performance.now()
        void noteProgress(id, arrived)
      },
    })
    // Who may no longer push by the end of a long body has not gone on with the upload.
    await writePush(caller, model, (tx) => recordUploadSizeWithin(tx, id, size))
    isRecorded = true
    return size
  } catch (error) {
    if (!(error instanceof TooLarge)) {
      // It may have been brought to its end while this waited for its turn.
      size = await sizeOf(model, id)
      // What filled the disk would keep it full for a day, for everybody.
      if (asProblem(error).kind === "full") await cancel(id).catch(() => {})
      throw error
    }
    await cancel(id)
    throw refusalOf(model, isFull ? 0 : most)
  } finally {
    // A row that is gone by now counts for nothing.
    if (!isRecorded) await noteProgress(id, size)
    room.end(Math.max(0, size - before))
  }
}

/** Bytes of unfinished uploads count, whoever sent them. */
const noteProgress = (id: string, size: number): Promise<void> =>
  recordUploadSize(id, size).catch((error: unknown) => log("warn", "an upload could not be noted", { error }))

/** Ends an upload: what arrived is the content of that digest, held by the model. Throws `invalid` about the digest when it is not. */
export async function finishUpload(
  caller: Caller,
  owner: string,
  name: string,
  id: string,
  digest: string,
): Promise<void> {
  return pushing(caller, owner, name, async (model) => {
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

      const file = await store.keep(id, blobFile(digest))
      const hold = (tx: Db) => holdBlob(tx, model.id, { digest, size, file }, storageLimit())
      const kept = await writePush(caller, model, hold).catch(async (error: unknown) => {
        // Of any other error it is not known whether it was written.
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

export async function cancelUpload(caller: Caller, owner: string, name: string, id: string): Promise<void> {
  return pushing(caller, owner, name, async (model) => {
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
    : storageIsUsedUp(model.owner)
  publishPushEvent(model.id, { type: "refused", detail })
  return problem(tooLarge ? "tooLarge" : "forbidden", detail)
}

const outOfOrder = (size: number) => {
  const detail = `The next chunk must start at byte ${size}.`
  return problem("conflict", detail, { range: String(size) })
}

const wrongDigest = (detail: string) => problem("invalid", detail, { digest: detail })
