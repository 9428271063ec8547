import { randomBytes, randomUUID } from "node:crypto"
import path from "node:path"
import { Readable } from "node:stream"

import { env } from "@/env"
import { configuredBucket, type Bucket } from "@/lib/bucket/bucket"
import type { BlobStore, ByteRange } from "./blob-storage"
import { listDigests } from "./blob-store"
import { diskStore } from "./disk"
import { s3Store } from "./s3"

const key = Symbol.for("understudy.blobs")
const slot = globalThis as typeof globalThis & { [key]?: { place: string | Bucket; store: BlobStore } }

const mebibyte = 1024 * 1024
/**
 * As small as the largest layer allows, because every upload buffers parts in memory: an object has at most 10,000 of
 * them.
 */
const partSize = () => (env.LAYER_LIMIT_GB > 0 && env.LAYER_LIMIT_GB <= 160 ? 16 * mebibyte : 64 * mebibyte)

/** The blob store of this installation: one per process. */
export function blobStore(): BlobStore {
  const bucket = configuredBucket()
  const place = bucket ?? path.resolve(env.DATA_DIR, "registry")
  if (slot[key]?.place !== place)
    slot[key] = { place, store: bucket ? s3Store(bucket, { partSize: partSize() }) : diskStore(place as string) }
  return slot[key]!.store
}

/** Reads a blob, by default up to its declared size: more bytes would corrupt the next response on the connection. */
export const readBlob = async (
  { file, size }: { file: string; size: number },
  span: ByteRange = { start: 0, end: size - 1 },
): Promise<Readable> => (size === 0 ? Readable.from([]) : blobStore().read(file, span))

/** A unique file name that contains the digest. */
export function blobFile(digest: string): string {
  const [algorithm, hex] = digest.split(":") as [string, string]
  return `${algorithm}/${hex.slice(0, 2)}/${hex}-${randomBytes(6).toString("hex")}`
}

/** Stores data made by this server. Garbage collection deletes it unless a write such as `holdBlob` follows. */
export async function storeBlob(source: Readable): Promise<{ digest: string; size: number; file: string }> {
  const store = blobStore()
  const upload = randomUUID()
  await store.create(upload)
  try {
    const size = await store.append(upload, source, { limit: store.largest })
    const digest = await store.digestOf(upload, "sha256")
    return { digest, size, file: await store.complete(upload, blobFile(digest)) }
  } finally {
    await store.discard(upload)
  }
}

/** The digests of all blobs by the names of their objects in a bucket, such as `registry/blobs/pushed/…`. */
export async function digestsByObject(): Promise<Map<string, { algorithm: string; hex: string }>> {
  const entries = (await listDigests()).map(({ digest, file }) => {
    const [algorithm, hex] = digest.split(":") as [string, string]
    return [`registry/blobs/${file}`, { algorithm, hex }] as const
  })
  return new Map(entries)
}
