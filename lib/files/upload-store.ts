import { asc, eq, inArray, lt } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { file_upload_parts, file_uploads } from "@/db/schema"

export type Upload = typeof file_uploads.$inferSelect
export type Part = typeof file_upload_parts.$inferSelect

export async function insertUpload(tx: Db, upload: Upload): Promise<void> {
  await tx.insert(file_uploads).values(upload)
}

export async function findUpload(id: string, db: Db = read()): Promise<Upload | undefined> {
  const [upload] = await db.select().from(file_uploads).where(eq(file_uploads.id, id))
  return upload
}

export const listUploadsOf = (tx: Db, owner_id: number): Promise<Upload[]> =>
  Promise.resolve(
    tx.select().from(file_uploads).where(eq(file_uploads.owner_id, owner_id)).orderBy(asc(file_uploads.written_at)),
  )

/** The parts of an upload in order. */
export const listParts = (upload: string, db: Db = read()): Promise<Part[]> =>
  Promise.resolve(
    db
      .select()
      .from(file_upload_parts)
      .where(eq(file_upload_parts.upload, upload))
      .orderBy(asc(file_upload_parts.start)),
  )

/** Inserts a part. False if there is one with this start. */
export async function insertPart(tx: Db, part: Part, written_at: string): Promise<boolean> {
  const inserted = await tx.insert(file_upload_parts).values(part).onConflictDoNothing().returning()
  if (inserted.length === 0) return false
  await tx.update(file_uploads).set({ written_at }).where(eq(file_uploads.id, part.upload))
  return true
}

/** Deletes uploads with their parts. Returns the names of their contents. */
export async function deleteUploads(tx: Db, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const parts = await tx
    .delete(file_upload_parts)
    .where(inArray(file_upload_parts.upload, ids))
    .returning({ stored_as: file_upload_parts.stored_as })
  await tx.delete(file_uploads).where(inArray(file_uploads.id, ids))
  return parts.map(({ stored_as }) => stored_as)
}

/** Deletes up to `limit` uploads that nobody has continued since a time. Returns the names of their contents. */
export const deleteUploadsBefore = (written_at: string, limit: number): Promise<string[]> =>
  write(async (tx) => {
    const left = await tx
      .select({ id: file_uploads.id })
      .from(file_uploads)
      .where(lt(file_uploads.written_at, written_at))
      .limit(limit)
    return deleteUploads(
      tx,
      left.map(({ id }) => id),
    )
  })

/**
 * Deletes the uploads of an account, within the write that deletes it. `removeStrayContents` deletes their contents.
 */
export async function deleteUploadsOf(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(file_uploads).where(eq(file_uploads.owner_id, owner_id))
}
