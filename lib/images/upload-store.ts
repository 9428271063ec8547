import { and, eq, lt, notInArray, sql } from "drizzle-orm"

import { preparedQuery, write } from "@/db"
import { uploads } from "@/db/schema"

export type Upload = typeof uploads.$inferSelect

export async function insertUpload(fields: Upload): Promise<void> {
  await write(async (tx) => {
    await tx.insert(uploads).values(fields)
  })
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

export async function deleteUpload(id: string): Promise<void> {
  await write(async (tx) => {
    await tx.delete(uploads).where(eq(uploads.id, id))
  })
}

/** Rows of uploads that began before `cutoff` and of which nothing lies here any more. */
export async function deleteUploadsBefore(cutoff: string, growing: string[]): Promise<void> {
  await write(async (tx) => {
    await tx
      .delete(uploads)
      .where(and(lt(uploads.started_at, cutoff), growing.length > 0 ? notInArray(uploads.id, growing) : undefined))
  })
}
