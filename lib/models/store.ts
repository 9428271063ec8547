import { and, asc, desc, eq, getTableColumns, gt, lt, or, sql, type SQL } from "drizzle-orm"

import { hot, read, write } from "@/db"
import { models, owners } from "@/db/schema"
import { takeModelPlace } from "@/lib/owners/store"
import type { Cursor } from "@/lib/page"

/** A model with the name of its owner. */
export type Model = typeof models.$inferSelect & { owner: string }

const columns = { ...getTableColumns(models), owner: owners.username }

const byName = hot("model_by_name", (db) =>
  db
    .select(columns)
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(owners.username, sql.placeholder("owner")), eq(models.name, sql.placeholder("name")))))

export async function findModel(owner: string, name: string): Promise<Model | undefined> {
  const [model] = await byName().execute({ owner, name })
  return model
}

/** Keeps a new model, if its name is free and its owner has a place left for it. */
export async function insertModel(fields: typeof models.$inferInsert, placesOfOwner: number) {
  return write(async (tx) => {
    const [model] = await tx.insert(models).values(fields).onConflictDoNothing().returning()
    if (!model) return "taken"
    if (await takeModelPlace(tx, fields.owner_id, placesOfOwner)) return model
    await tx.delete(models).where(eq(models.id, model.id))
    return "full"
  })
}

/** Which models a list holds. */
export type ModelFilter = {
  visibility?: "public"
  owner_id?: number
  /** Words that the owner, the name or the description must all contain. */
  words?: string[]
}

/** Up to `limit + 1` models, newest first, from the cursor on and in its direction. */
export async function listModelRows(filter: ModelFilter, cursor: Cursor | null, limit: number): Promise<Model[]> {
  return read()
    .select(columns)
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(...conditions(filter), cursor ? beyond(cursor) : undefined))
    .orderBy(...(cursor?.reverse ? [asc(models.created_at), asc(models.id)] : [desc(models.created_at), desc(models.id)]))
    .limit(limit + 1)
}

function conditions({ visibility, owner_id, words = [] }: ModelFilter): (SQL | undefined)[] {
  return [
    visibility && eq(models.visibility, visibility),
    owner_id === undefined ? undefined : eq(models.owner_id, owner_id),
    ...words.map((word) => {
      const pattern = `%${word.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`
      const holds = (text: SQL) => sql`lower(${text}) like ${pattern} escape '\\'`
      return or(holds(sql`${models.name}`), holds(sql`${owners.username}`), holds(sql`coalesce(${models.description}, '')`))
    }),
  ]
}

function beyond({ key: [created_at, id], reverse }: Cursor) {
  const past = reverse ? gt : lt
  return or(past(models.created_at, created_at), and(eq(models.created_at, created_at), past(models.id, id)))
}
