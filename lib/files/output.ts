import type { Readable } from "node:stream"

import type { Db } from "@/db"
import { isId, newId } from "@/lib/id"
import { missing } from "@/lib/problem"
import { keptAddress } from "./address"
import { hasExpired } from "./file"
import { keepFile, outputLimit, outputTooLarge, removeContents } from "./keep"
import { baseName, cleanType, shortName } from "./schema"
import { deleteFilesOf, findFileBySecret, type File } from "./store"

/** Whose run a file belongs to. */
export type RunOf = { number: number; owner_id: number }

/**
 * Keeps a file that a run made, as it arrives, and answers its address as rows have it (see address.ts). Throws `tooLarge`, and
 * `forbidden` where the account holds too much.
 */
export async function putOutput(
  { number, owner_id }: RunOf,
  { name, content_type }: { name: string; content_type: string },
  body: Readable,
): Promise<{ url: string; file: File }> {
  const file = await keepFile(owner_id, body, { most: outputLimit(), tooLarge: outputTooLarge }, () => ({
    kind: "output",
    prediction: number,
    name: shortName(baseName(name)) || "output",
    content_type: cleanType(content_type),
    metadata: {},
    secret: newId(),
    expires_at: null,
  }))
  return { url: keptAddress(file), file }
}

/** The file of a run at an address, whoever asks; undefined where there is none. */
export const findOutput = (secret: string): Promise<File | undefined> => findFileBySecret(secret)

/** The file at a public address. Throws `missing` for what is not there any more, or never was. */
export async function getPublicFile(secret: string, name: string): Promise<File> {
  const file = isId(secret) ? await findFileBySecret(secret) : undefined
  if (!file || file.name !== name || hasExpired(file)) throw missing()
  return file
}

/**
 * Removes the files of runs, within the transaction that removes the rest of their data. What it answers removes the contents, to be
 * called once that has committed.
 */
export async function forgetFilesOf(tx: Db, predictions: number[]): Promise<() => Promise<void>> {
  const gone = await deleteFilesOf(tx, predictions)
  return () => removeContents(gone)
}
