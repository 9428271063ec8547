import type { Readable } from "node:stream"

import type { Db } from "@/db"
import { isId, newId } from "@/lib/id"
import { missing } from "@/lib/problem"
import { storedUrl } from "./address"
import { hasExpired } from "./file"
import { storeFile, outputLimit, outputTooLarge, removeContents } from "./store-file"
import { baseName, cleanType, shortName } from "./schema"
import { deleteFilesOf, findFileBySecret, type File } from "./store"

/** The run a file belongs to. */
export type RunOf = { number: number; owner_id: number }

/**
 * Stores a file created by a run, as it arrives, and returns its stored URL (see address.ts). Throws `tooLarge`, and
 * `forbidden` if the account's storage is used up.
 */
export async function putOutput(
  { number, owner_id }: RunOf,
  { name, content_type }: { name: string; content_type: string },
  body: Readable,
): Promise<{ url: string; file: File }> {
  const file = await storeFile(owner_id, body, { most: outputLimit(), tooLarge: outputTooLarge }, () => ({
    kind: "output",
    prediction: number,
    name: shortName(baseName(name)) || "output",
    content_type: cleanType(content_type),
    metadata: {},
    secret: newId(),
    expires_at: null,
  }))
  return { url: storedUrl(file), file }
}

/** The file with a secret, without access checks; undefined if there is none. */
export const findOutput = (secret: string): Promise<File | undefined> => findFileBySecret(secret)

/** The file at a public URL. Throws `missing` if there is none. */
export async function getPublicFile(secret: string, name: string): Promise<File> {
  const file = isId(secret) ? await findFileBySecret(secret) : undefined
  if (!file || file.name !== name || hasExpired(file)) throw missing()
  return file
}

/**
 * Deletes the files of runs, within the transaction that removes the rest of their data. Returns a function that
 * deletes the contents; call it after the commit.
 */
export async function forgetFilesOf(tx: Db, predictions: number[]): Promise<() => Promise<void>> {
  const gone = await deleteFilesOf(tx, predictions)
  return () => removeContents(gone)
}
