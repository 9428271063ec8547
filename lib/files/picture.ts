import { buffer } from "node:stream/consumers"

import type { Db } from "@/db"
import { pictureLimit } from "@/lib/pictures/picture"
import { missing } from "@/lib/problem"
import { secretIn } from "./address"
import { hasExpired, openFile } from "./file"
import { findFile, findFilesOf } from "./store"

/** The content types of pictures that can be re-encoded. */
const pictureTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"])

/**
 * The ID of the first picture in the output of a run, among the files that the run created; undefined without one. Runs
 * within a write.
 */
export async function findPicture(tx: Db, prediction: number, output: unknown): Promise<string | undefined> {
  const secrets = addressesIn(output).map(secretIn)
  if (!secrets.some((secret) => secret !== undefined)) return undefined
  const own = new Map((await findFilesOf(tx, prediction)).map((file) => [file.secret, file]))
  const pictures = secrets.flatMap((secret) => {
    const file = secret === undefined ? undefined : own.get(secret)
    return file && pictureTypes.has(file.content_type) && file.size <= pictureLimit ? [file.id] : []
  })
  return pictures[0]
}

/** The content of a picture that `findPicture` found. Throws `missing` if it is gone. */
export async function readPicture(id: string): Promise<Buffer> {
  const file = await findFile(id)
  if (!file || file.kind !== "output" || file.size > pictureLimit || hasExpired(file)) throw missing()
  return buffer(await openFile(file))
}

/** The strings in an output, in order. */
function addressesIn(value: unknown): string[] {
  if (typeof value === "string") return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(addressesIn) : []
}
