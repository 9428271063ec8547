import type { Readable } from "node:stream"

import { env } from "@/env"
import { write, type Db } from "@/db"
import { log } from "@/lib/log"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import { setting } from "@/lib/settings/setting"
import { problem, type Problem } from "@/lib/problem"
import { gigabyte, storageLeft, storageLimit } from "@/lib/images/quota"
import { reserveStorage } from "@/lib/images/storage-reservation"
import { TooLarge, type StoredContent } from "./contents"
import { contentStore } from "./content-store"
import { insertFile, type File } from "./store"

/** The fields of a file other than its ID, account, creation time and content. */
export type Described = Omit<File, "id" | "owner_id" | "created_at" | keyof StoredContent>

const megabyte = 1024 * 1024

/** The maximum size of an upload to the Files API. */
export const uploadLimit = () => env.FILE_LIMIT_MB * megabyte
export const outputLimit = () => (env.OUTPUT_LIMIT_GB === 0 ? Infinity : env.OUTPUT_LIMIT_GB * gigabyte)

/** The error for an upload beyond the limit, in the wording of the published contract. */
export const uploadTooLarge = (): Problem =>
  problem("tooLarge", `Files must be less than ${env.FILE_LIMIT_MB}MB in size`)

export const outputTooLarge = (): Problem =>
  problem("tooLarge", `An output file may have at most ${env.OUTPUT_LIMIT_GB} GB (OUTPUT_LIMIT_GB).`)

export const accountFull = (): Problem =>
  problem(
    "forbidden",
    `This account may store ${setting("STORAGE_PER_ACCOUNT_GB")} GB, and this would exceed it. Delete unused versions or files, or ask the operator to raise STORAGE_PER_ACCOUNT_GB.`,
  )

/**
 * Stores a stream, then the row returned by `describe`, in the transaction of `within`. Throws `tooLarge()` beyond
 * `most` bytes, `forbidden` if the account's storage is used up, and what `describe` and `within` throw; nothing is
 * stored then.
 */
export async function storeFile(
  owner_id: number,
  source: Readable,
  {
    most,
    tooLarge,
    id: given,
    replaces = 0,
  }: {
    most: number
    tooLarge: () => Problem
    /** The ID of the file, unless it gets a new one. */
    id?: string
    /** Stored bytes that the write deletes. */
    replaces?: number
  },
  describe: (stored: StoredContent) => Described | Promise<Described>,
  within: <T>(fn: (tx: Db) => Promise<T>) => Promise<T> = write,
): Promise<File> {
  ignoreStreamErrors(source)
  const contentId = newId()
  // Several servers may store the same file, and all but one of them remove their content again.
  const id = given ?? contentId
  // Reserved, because parallel uploads would otherwise each count the same free space. Sizes are unknown at first.
  const room = await reserveStorage(owner_id, 1, async () => replaces + (await storageLeft(owner_id)))
  if (!room) throw accountFull()
  try {
    const stored = await contentStore()
      .put(contentId, source, Math.min(most, contentStore().largest), (bytes) => {
        if (room.grow(bytes)) return
        // Released at once, so that parallel uploads can continue.
        room.end(0)
        throw accountFull()
      })
      .catch((error: unknown) => {
        throw error instanceof TooLarge ? tooLarge() : error
      })
    try {
      const file = { ...(await describe(stored)), ...stored, id, owner_id, created_at: now() }
      if (!(await within((tx) => insertFile(tx, file, storageLimit())))) throw accountFull()
      room.end(stored.size)
      return file
    } catch (error) {
      await removeContents([stored.stored_as])
      throw error
    }
  } finally {
    room.end(0)
  }
}

/** A stream can fail before anybody reads it, and an error event without a listener would crash the process. */
export const ignoreStreamErrors = (source: Readable): void => void source.on("error", () => {})

/** Deletes contents whose rows are deleted. `removeStrayContents` retries failures. */
export async function removeContents(stored_as: string[]): Promise<void> {
  for (const one of stored_as)
    await contentStore()
      .remove(one)
      .catch((error: unknown) => log("warn", "the content of a file could not be removed", { error }))
}
