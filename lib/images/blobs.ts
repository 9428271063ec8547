import path from "node:path"
import { Readable } from "node:stream"

import { env } from "@/env"
import { ownBucket, type Bucket } from "@/lib/bucket/bucket"
import type { BlobStore, ByteRange } from "./blob-storage"
import { diskStore } from "./disk"
import { s3Store } from "./s3"

const key = Symbol.for("understudy.blobs")
const slot = globalThis as typeof globalThis & { [key]?: { place: string | Bucket; store: BlobStore } }

const mebibyte = 1024 * 1024
/**
 * An object has at most ten thousand parts, and every upload buffers three: they are as small as the largest layer
 * allows.
 */
const partSize = () => (env.LAYER_LIMIT_GB > 0 && env.LAYER_LIMIT_GB <= 160 ? 16 * mebibyte : 64 * mebibyte)

/** The blob store of this instance: one per process. */
export function blobStore(): BlobStore {
  const bucket = ownBucket()
  const place = bucket ?? path.resolve(env.DATA_DIR, "registry")
  if (slot[key]?.place !== place)
    slot[key] = { place, store: bucket ? s3Store(bucket, { partSize: partSize() }) : diskStore(place as string) }
  return slot[key]!.store
}

/** Never more than its declared size: after it, the next response begins. */
export const readBlob = async (
  { file, size }: { file: string; size: number },
  span: ByteRange = { start: 0, end: size - 1 },
): Promise<Readable> => (size === 0 ? Readable.from([]) : blobStore().read(file, span))
