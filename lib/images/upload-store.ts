import { and, asc, eq, lt, notInArray, sql, sum } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { file_upload_parts, file_uploads, models, uploads } from "@/db/schema"
import { now } from "@/lib/clock"

export type Upload = typeof uploads.$inferSelect

export async function insertUpload(tx: Db, fields: Omit<Upload, "size" | "written_at">): Promise<void> {
  await tx.insert(uploads).values({ ...fields, size: 0, written_at: fields.started_at })
}

const uploadById = preparedQuery("registry_upload", (db) =>
  db
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, sql.placeholder("id")), eq(uploads.model_id, sql.placeholder("model_id")))),
)

export async function findUpload(model_id: number, id: string): Promise<Upload | undefined> {
  const [upload] = await uploadById().execute({ id, model_id })
  return upload
}

/** Records the received size of an upload. */
export const recordUploadSize = (id: string, size: number): Promise<void> =>
  write((tx) => recordUploadSizeWithin(tx, id, size))

/** Records the received size of an upload within a larger write. */
export async function recordUploadSizeWithin(tx: Db, id: string, size: number): Promise<void> {
  await tx.update(uploads).set({ size, written_at: now() }).where(eq(uploads.id, id))
}

/** The received bytes of an account's unfinished uploads: of blobs to its models, and of files. */
export async function bytesUploading(owner_id: number): Promise<number> {
  const [row] = await read()
    .select({ bytes: sum(uploads.size) })
    .from(uploads)
    .innerJoin(models, eq(models.id, uploads.model_id))
    .where(eq(models.owner_id, owner_id))
  const [parts] = await read()
    .select({ bytes: sum(file_upload_parts.size) })
    .from(file_upload_parts)
    .innerJoin(file_uploads, eq(file_uploads.id, file_upload_parts.upload))
    .where(eq(file_uploads.owner_id, owner_id))
  return Number(row?.bytes ?? 0) + Number(parts?.bytes ?? 0)
}

/** The unfinished uploads of an actor, least recently written first. */
export const listUploadsBy = (owner_id: number): Promise<Pick<Upload, "id" | "written_at">[]> =>
  Promise.resolve(
    read()
      .select({ id: uploads.id, written_at: uploads.written_at })
      .from(uploads)
      .where(eq(uploads.owner_id, owner_id))
      .orderBy(asc(uploads.written_at)),
  )

export async function deleteUpload(tx: Db, id: string): Promise<void> {
  await tx.delete(uploads).where(eq(uploads.id, id))
}

/** Deletes the row of an upload that can no longer be resumed. */
export const dropUpload = (id: string): Promise<void> => write((tx) => deleteUpload(tx, id))

/** Deletes rows of uploads that started before `cutoff`, except for those in `growing`. */
export async function deleteUploadsBefore(cutoff: string, growing: string[]): Promise<void> {
  await write(async (tx) => {
    await tx
      .delete(uploads)
      .where(and(lt(uploads.started_at, cutoff), growing.length > 0 ? notInArray(uploads.id, growing) : undefined))
  })
}
