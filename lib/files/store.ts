import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, or, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { file_upload_parts, files, owners } from "@/db/schema"
import type { Cursor } from "@/lib/page"
import { bytesHeld } from "@/lib/images/quota"

export type File = typeof files.$inferSelect

/**
 * Inserts a file. False if the account would store more than `most` bytes, which is checked within the write because
 * files arrive in parallel.
 */
export async function insertFile(tx: Db, file: File, most: number): Promise<boolean> {
  if (most !== Infinity && (await bytesHeld(file.owner_id, tx)) + file.size > most) return false
  await tx.insert(files).values(file)
  return true
}

const byId = preparedQuery("file", (db) =>
  db
    .select()
    .from(files)
    .where(eq(files.id, sql.placeholder("id"))),
)

export async function findFile(id: string): Promise<File | undefined> {
  const [file] = await byId().execute({ id })
  return file
}

const bySecret = preparedQuery("file_by_secret", (db) =>
  db
    .select()
    .from(files)
    .where(eq(files.secret, sql.placeholder("secret"))),
)

export async function findFileBySecret(secret: string): Promise<File | undefined> {
  const [file] = await bySecret().execute({ secret })
  return file
}

const uploadsOf = (owner_id: number) => and(eq(files.owner_id, owner_id), eq(files.kind, "upload"))

/** The position of a file in a list; IDs break ties. */
export const placeOf = ({ created_at, id }: File): Cursor["key"] => [`${created_at} ${id}`, 0]

/** Up to `limit + 1` uploads that have not expired, newest first, from the cursor on and in its direction. */
export async function listUploadRows(
  owner_id: number,
  cursor: Cursor | null,
  limit: number,
  now: string,
): Promise<File[]> {
  const [at = "", id = ""] = cursor?.key[0].split(" ") ?? []
  const direction = cursor?.reverse ? asc : desc
  const beyond = sql`(${files.created_at}, ${files.id}) ${sql.raw(cursor?.reverse ? ">" : "<")} (${at}, ${id})`
  return read()
    .select()
    .from(files)
    .where(
      and(
        uploadsOf(owner_id),
        or(isNull(files.expires_at), sql`${files.expires_at} > ${now}`),
        cursor ? beyond : undefined,
      ),
    )
    .orderBy(direction(files.created_at), direction(files.id))
    .limit(limit + 1)
}

/** Deletes a row and returns it; undefined if it is already gone. */
export async function deleteUploadRow(tx: Db, owner_id: number, id: string): Promise<File | undefined> {
  const [gone] = await tx
    .delete(files)
    .where(and(uploadsOf(owner_id), eq(files.id, id)))
    .returning()
  return gone
}

/** Attaches files to a run, which from then on determines their lifetime. */
export async function attachFiles(tx: Db, ids: string[], prediction: number): Promise<void> {
  if (ids.length === 0) return
  await tx
    .update(files)
    .set({ prediction, expires_at: null })
    .where(and(inArray(files.id, ids), isNull(files.prediction)))
}

/** The files that belong to a run. Part of a larger write. */
export const findFilesOf = (tx: Db, prediction: number): Promise<File[]> =>
  Promise.resolve(tx.select().from(files).where(eq(files.prediction, prediction)))

/** Deletes rows by ID. Returns the names of their contents. */
export async function deleteFileRows(ids: string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const gone = await write(async (tx) =>
    tx.delete(files).where(inArray(files.id, ids)).returning({ stored_as: files.stored_as }),
  )
  return gone.map(({ stored_as }) => stored_as)
}

/** Deletes the rows of files that belong to runs. Returns the names of their contents. */
export async function deleteFilesOf(tx: Db, predictions: number[]): Promise<string[]> {
  if (predictions.length === 0) return []
  const gone = await tx
    .delete(files)
    .where(inArray(files.prediction, predictions))
    .returning({ stored_as: files.stored_as })
  return gone.map(({ stored_as }) => stored_as)
}

/** Deletes up to `limit` expired rows. Returns the names of their contents. */
export async function deleteExpiredFiles(now: string, limit: number): Promise<string[]> {
  return write(async (tx) => {
    const expired = await tx
      .select({ id: files.id })
      .from(files)
      .where(and(isNotNull(files.expires_at), lt(files.expires_at, now)))
      .limit(limit)
    const ids = expired.map(({ id }) => id)
    if (ids.length === 0) return []
    const gone = await tx.delete(files).where(inArray(files.id, ids)).returning({ stored_as: files.stored_as })
    return gone.map(({ stored_as }) => stored_as)
  })
}

/** Deletes up to `limit` uploads of deleted accounts. Returns the names of their contents. */
export async function deleteOrphanedUploads(limit: number): Promise<string[]> {
  return write(async (tx) => {
    const orphaned = await tx
      .select({ id: files.id })
      .from(files)
      .innerJoin(owners, eq(owners.id, files.owner_id))
      .where(and(isNotNull(owners.deleted_at), isNull(files.prediction)))
      .limit(limit)
    const ids = orphaned.map(({ id }) => id)
    if (ids.length === 0) return []
    const gone = await tx.delete(files).where(inArray(files.id, ids)).returning({ stored_as: files.stored_as })
    return gone.map(({ stored_as }) => stored_as)
  })
}

/** The contents that have a row. */
export async function contentsInUse(stored_as: string[]): Promise<Set<string>> {
  const rows = await read()
    .select({ stored_as: files.stored_as })
    .from(files)
    .where(inArray(files.stored_as, stored_as))
  const parts = await read()
    .select({ stored_as: file_upload_parts.stored_as })
    .from(file_upload_parts)
    .where(inArray(file_upload_parts.stored_as, stored_as))
  return new Set([...rows, ...parts].map((row) => row.stored_as))
}

/** Lets the files of an account expire, within the write that deletes it. */
export async function expireFiles(tx: Db, owner_id: number, at: string): Promise<void> {
  await tx.update(files).set({ expires_at: at }).where(eq(files.owner_id, owner_id))
}
