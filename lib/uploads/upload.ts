import { createHash } from "node:crypto"

import { ownBucket } from "@/lib/bucket/bucket"
import { diskFileStore, bucketFileStore, type FileStore } from "./file-store"

const fileStore = (): FileStore => {
  const bucket = ownBucket()
  return bucket ? bucketFileStore(bucket) : diskFileStore
}

/** Keeps the bytes and answers their name: their SHA-256 in hex, so that the same picture is kept once, whoever sent it. */
export async function keepUpload(bytes: Buffer): Promise<string> {
  const hash = createHash("sha256").update(bytes).digest("hex")
  await fileStore().keep(hash, bytes)
  return hash
}

/** Null when there is no such file. */
export async function readUpload(hash: string): Promise<Buffer | null> {
  if (!/^[0-9a-f]{64}$/.test(hash)) return null
  return fileStore().read(hash)
}

/** Removes a file that nothing names any more. */
export async function dropUpload(hash: string, isNeeded: () => Promise<boolean>): Promise<void> {
  if (!(await isNeeded())) await fileStore().drop(hash, isNeeded)
}
