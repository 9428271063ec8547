import { createHash } from "node:crypto"

import { configuredBucket } from "@/lib/bucket/bucket"
import { diskFileStore, bucketFileStore, type FileStore } from "./file-store"

const fileStore = (): FileStore => {
  const bucket = configuredBucket()
  return bucket ? bucketFileStore(bucket) : diskFileStore
}

/** Stores the bytes and returns their SHA-256, which is their name: the same picture is stored once. */
export async function storeUpload(bytes: Buffer): Promise<string> {
  const hash = createHash("sha256").update(bytes).digest("hex")
  await fileStore().put(hash, bytes)
  return hash
}

/** Null if there is no such file. */
export async function readUpload(hash: string): Promise<Buffer | null> {
  if (!/^[0-9a-f]{64}$/.test(hash)) return null
  return fileStore().read(hash)
}

/** Deletes a file if nothing uses it any more. */
export async function dropUpload(hash: string, isNeeded: () => Promise<boolean>): Promise<void> {
  // Once it is deleted, it is restored if in doubt.
  if (!(await isNeeded())) await fileStore().drop(hash, () => isNeeded().catch(() => true))
}
