import { randomUUID } from "node:crypto"
import { readFile, rename, rm } from "node:fs/promises"
import path from "node:path"

import { writeFileAtomic } from "@/db/atomic-file"
import { env } from "@/env"
import type { Bucket } from "@/lib/bucket/bucket"
import { log } from "@/lib/log"

/** Storage of uploaded pictures by the hash of their content. */
export interface FileStore {
  /** Atomic. */
  put(hash: string, bytes: Buffer): Promise<void>
  read(hash: string): Promise<Buffer | null>
  /** Deletes a file. The same bytes may be stored concurrently: the file is restored if it is needed. */
  drop(hash: string, isNeeded: () => Promise<boolean>): Promise<void>
}

const nameOf = (hash: string) => `uploads/${hash.slice(0, 2)}/${hash}`
const fileOf = (hash: string) => path.resolve(env.DATA_DIR, nameOf(hash))

/** In DATA_DIR. */
export const diskFileStore: FileStore = {
  put: (hash, bytes) => writeFileAtomic(fileOf(hash), bytes),

  read: (hash) => readFile(fileOf(hash)).catch(unlessGone),

  async drop(hash, isNeeded) {
    const aside = `${fileOf(hash)}.${randomUUID()}`
    if ((await rename(fileOf(hash), aside).catch(unlessGone)) === null) return
    if (await isNeeded()) await rename(aside, fileOf(hash))
    else await rm(aside, { force: true })
  },
}

function unlessGone(error: NodeJS.ErrnoException) {
  if (error.code === "ENOENT") return null
  throw error
}

/** In a bucket, under the same names as in DATA_DIR. */
export const bucketFileStore = (bucket: Bucket): FileStore => {
  const read = async (hash: string) => {
    const source = await bucket.read(nameOf(hash))
    return source && Buffer.concat((await source.toArray()) as Buffer[])
  }
  return {
    put: (hash, bytes) => bucket.put(nameOf(hash), bytes),
    read,
    async drop(hash, isNeeded) {
      try {
        const bytes = await read(hash)
        if (!bytes) return
        await bucket.remove(nameOf(hash))
        if (await isNeeded()) await bucket.put(nameOf(hash), bytes)
      } catch (error) {
        // Its model is gone already, and an unused picture does no harm.
        log("warn", "an unused picture could not be deleted from the bucket", { error })
      }
    },
  }
}
