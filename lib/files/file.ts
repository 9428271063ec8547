import { createHmac, timingSafeEqual } from "node:crypto"
import type { Readable } from "node:stream"

import { env } from "@/env"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { keyFor } from "@/lib/auth/seal"
import { fromNow, now } from "@/lib/clock"
import type { ByteRange } from "@/lib/http/range"
import { isId } from "@/lib/id"
import { pageOf, decodeCursor, type Page } from "@/lib/page"
import { problem } from "@/lib/problem"
import { storeFile, removeContents, uploadLimit, uploadTooLarge } from "./store-file"
import { contentStore } from "./content-store"
import { UploadFileInput, type DownloadSignature } from "./schema"
import { deleteUploadRow, findFile, listUploadRows, placeOf, type File } from "./store"

export type { File }

const pageSize = 100

/**
 * Stores an upload. Its name and type come from `fields`, called after all of the content has arrived, because clients
 * may send them last. Throws `tooLarge`, `forbidden` if the account's storage is used up, and `invalid`.
 */
export async function uploadFile(
  actor: Actor,
  content: Readable,
  fields: () => Promise<UploadFileInput>,
): Promise<File> {
  return storeFile(
    actor.owner_id,
    content,
    { most: uploadLimit(), tooLarge: uploadTooLarge },
    async () => {
      const { filename, type, metadata } = UploadFileInput.parse(await fields())
      return {
        kind: "upload",
        prediction: null,
        name: filename,
        content_type: type,
        metadata,
        secret: null,
        expires_at: uploadExpiry(),
      }
    },
    (fn) => writeAs(actor, { scope: "write" }, fn),
  )
}

/** The expiry of an upload that is stored now; null if uploads do not expire. */
export const uploadExpiry = (): string | null =>
  env.FILE_EXPIRY_HOURS === 0 ? null : fromNow(env.FILE_EXPIRY_HOURS * 3600)

/** A page of the uploads of the actor's account, newest first. Throws `invalid` for a bad cursor. */
export async function listFiles(actor: Actor, cursorText?: string): Promise<Page<File>> {
  const cursor = cursorText === undefined ? null : decodeCursor(cursorText)
  return pageOf(await listUploadRows(actor.owner_id, cursor, pageSize, now()), pageSize, cursor, placeOf)
}

/** An upload of the actor's account. Throws `missing` for any other. */
export async function getFile(actor: Actor, id: string): Promise<File> {
  const file = await findUpload(id)
  if (file?.owner_id !== actor.owner_id) throw noFile()
  return file
}

/** Deletes an upload and its content at once. Throws what `getFile` throws. */
export async function deleteFile(actor: Actor, id: string): Promise<void> {
  const gone = isId(id)
    ? await writeAs(actor, { scope: "write" }, (tx) => deleteUploadRow(tx, actor.owner_id, id))
    : undefined
  if (!gone) throw noFile()
  await removeContents([gone.stored_as])
}

/** The error for a missing file, in the wording of the published contract. */
export const noFile = () => problem("missing", "File not found")

/** An upload that has not expired. */
async function findUpload(id: string): Promise<File | undefined> {
  const file = isId(id) ? await findFile(id) : undefined
  return file?.kind === "upload" && !hasExpired(file) ? file : undefined
}

export const hasExpired = ({ expires_at }: Pick<File, "expires_at">): boolean =>
  expires_at !== null && expires_at <= now()

/** The content of a file, or a range of it. Throws `missing` if the content is gone, as after a partial restore. */
export async function openFile(file: File, span?: ByteRange): Promise<Readable> {
  const content = await contentStore().read(file.stored_as, span)
  if (!content) throw noFile()
  return content
}

/** The signature of a public download URL that is valid until `expiry`, in Unix seconds. */
export function signDownload(owner: string, owner_id: number, id: string, expiry: number): string {
  const key = keyFor(`downloads of ${owner_id}`)
  return createHmac("sha256", key).update(`${owner} ${id} ${expiry}`).digest("base64")
}

/** The upload in a signed URL. Throws `missing` for an invalid or expired signature. */
export async function getSignedFile(id: string, { owner, expiry, signature }: DownloadSignature): Promise<File> {
  const file = await findUpload(id)
  if (!file || !(expiry > Date.now() / 1000)) throw noFile()
  const [given, right] = [Buffer.from(signature), Buffer.from(signDownload(owner, file.owner_id, id, expiry))]
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw noFile()
  return file
}
