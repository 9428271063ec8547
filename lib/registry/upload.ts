import { randomBytes, randomUUID } from "node:crypto"
import type { Readable } from "node:stream"

import { env } from "@/env"
import { now } from "@/lib/clock"
import { setting } from "@/lib/instance/setting"
import type { Model } from "@/lib/models/model"
import { publishPushEvent } from "@/lib/pushes/push"
import { asProblem, problem } from "@/lib/problem"
import { pullableModel, pushing, type Caller } from "./access"
import { TooLarge } from "@/lib/images/blob-storage"
import { blobStore } from "@/lib/images/blobs"
import { algorithmOf, isDigest } from "@/lib/images/digest"
import { modelNamed } from "./path"
import { gigabyte, storageLimit } from "@/lib/images/quota"
import { bytesHeldBy, holdBlob, shareBlob } from "@/lib/images/blob-store"
import { deleteUpload, findUpload, insertUpload } from "@/lib/images/upload-store"

/** Begins an upload and answers its id. Throws what `pushableModel` throws, and `forbidden` when the account's storage is used up. */
export async function startUpload(caller: Caller, owner: string, name: string): Promise<string> {
  return pushing(caller, owner, name, async (model) => {
    await roomFor(model, 0)
    const id = randomUUID()
    await blobStore().create(id)
    await insertUpload({ id, model_id: model.id, owner_id: caller.actor!.owner_id, started_at: now() })
    return id
  })
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
    return other !== undefined && shareBlob(other.id, model.id, digest, storageLimit())
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
    const limit = await roomFor(model, size + (chunk.length ?? 0))
    try {
      return await blobStore().append(id, chunk.source, {
        limit,
        onBytes: (bytes) => publishPushEvent(model.id, { type: "bytes", bytes }),
      })
    } catch (error) {
      if (!(error instanceof TooLarge)) {
        // It may have been brought to its end while this waited for its turn.
        await sizeOf(model, id)
        // What filled the disk would keep it full for a day, for everybody.
        if (asProblem(error).kind === "full") await cancel(id).catch(() => {})
        throw error
      }
      await cancel(id)
      throw refusalOf(model, limit)
    }
  })
}

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

      const file = await store.keep(id, fileFor(digest))
      const kept = await holdBlob(model.id, { digest, size, file }, storageLimit())
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
    await cancel(id)
  })
}

const isUploadId = (text: string) => /^[0-9a-f-]{36}$/.test(text)

async function cancel(id: string) {
  await blobStore().discard(id)
  await deleteUpload(id)
}

async function sizeOf(model: Model, id: string): Promise<number> {
  const size = isUploadId(id) && (await findUpload(model.id, id)) ? await blobStore().sizeOf(id) : undefined
  if (size !== undefined) return size
  const detail = "The upload does not exist or has ended. Start again."
  throw problem("missing", detail, { upload: detail })
}

/** The size an upload may grow to. Throws when `size` bytes are too many already. */
async function roomFor(model: Model, size: number): Promise<number> {
  const most = largestLayer()
  const held = storageLimit()
  const left = held === Infinity ? Infinity : held - (await bytesHeldBy(model.owner_id))
  const limit = Math.min(most, left)
  if (size > limit || left <= 0) throw refusalOf(model, limit)
  return limit
}

const largestLayer = () =>
  Math.min(blobStore().largest, env.LAYER_LIMIT_GB === 0 ? Infinity : env.LAYER_LIMIT_GB * gigabyte)

function refusalOf(model: Model, limit: number) {
  const tooLarge = limit >= largestLayer()
  const detail = tooLarge
    ? `A layer may have at most ${largestLayer() / gigabyte} GB. Split it, or ask the operator to raise LAYER_LIMIT_GB.`
    : `${model.owner} may store ${setting("STORAGE_PER_ACCOUNT_GB")} GB, and this would exceed it. Delete unused versions, or ask the operator to raise STORAGE_PER_ACCOUNT_GB.`
  publishPushEvent(model.id, { type: "refused", detail })
  return problem(tooLarge ? "tooLarge" : "forbidden", detail)
}

const outOfOrder = (size: number) => {
  const detail = `The next chunk must start at byte ${size}.`
  return problem("conflict", detail, { range: String(size) })
}

const wrongDigest = (detail: string) => problem("invalid", detail, { digest: detail })

/** A name that says what is inside and is never used twice. */
function fileFor(digest: string): string {
  const [algorithm, hex] = digest.split(":") as [string, string]
  return `${algorithm}/${hex.slice(0, 2)}/${hex}-${randomBytes(6).toString("hex")}`
}
