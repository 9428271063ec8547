import { and, asc, count, desc, eq, getTableColumns, inArray, isNotNull, isNull, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { collection_models, collections, models, owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import type { Guard } from "@/lib/revision"
import type { Model } from "@/lib/models/row"
import { selectModels } from "@/lib/models/row-store"
import type { Cursor } from "@/lib/page"

export type Collection = typeof collections.$inferSelect

/** A collection in a list, without its long description. */
export type ListedCollection = Omit<Collection, "full_description" | "full_description_html">
const { full_description: _long, full_description_html: _html, ...listed } = getTableColumns(collections)

const bySlug = preparedQuery("collection_by_slug", (db) =>
  db
    .select()
    .from(collections)
    .where(eq(collections.slug, sql.placeholder("slug"))),
)

export async function findCollection(slug: string): Promise<Collection | undefined> {
  const [collection] = await bySlug().execute({ slug })
  return collection
}

const byName = preparedQuery("collections_by_name", (db) =>
  db
    .select(listed)
    .from(collections)
    .orderBy(asc(collections.name), asc(collections.id))
    .limit(sql.placeholder("limit")),
)

/** Up to `limit + 1` collections by name, from the cursor on and in its direction. */
export async function listCollectionRows(cursor: Cursor | null, limit: number): Promise<ListedCollection[]> {
  if (!cursor) return byName().execute({ limit: limit + 1 })
  const [name, id] = cursor.key
  const direction = cursor.reverse ? desc : asc
  const beyond = cursor.reverse
    ? sql`(${collections.name}, ${collections.id}) < (${name}, ${id})`
    : sql`(${collections.name}, ${collections.id}) > (${name}, ${id})`
  return read()
    .select(listed)
    .from(collections)
    .where(beyond)
    .orderBy(direction(collections.name), direction(collections.id))
    .limit(limit + 1)
}

/** The public models of a collection, in display order. */
export async function listCollectionModelRows(collection_id: number): Promise<Model[]> {
  return selectModels(read())
    .innerJoin(collection_models, eq(collection_models.model_id, models.id))
    .where(and(eq(collection_models.collection_id, collection_id), eq(models.visibility, "public")))
    .orderBy(asc(collection_models.position))
}

/** The names of the public models of a collection, as `owner/name`, in display order. */
export async function listCollectionModelNames(collection_id: number): Promise<string[]> {
  const rows = await read()
    .select({ owner: owners.username, name: models.name })
    .from(collection_models)
    .innerJoin(models, eq(models.id, collection_models.model_id))
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(collection_models.collection_id, collection_id), eq(models.visibility, "public")))
    .orderBy(asc(collection_models.position))
  return rows.map(({ owner, name }) => `${owner}/${name}`)
}

type Fields = Pick<Collection, "slug" | "name" | "description" | "full_description" | "full_description_html">

/** Inserts a collection. Undefined if the slug is taken. */
export async function insertCollection(tx: Db, fields: Fields, event: AuditEvent): Promise<Collection | undefined> {
  const at = now()
  const [collection] = await tx
    .insert(collections)
    .values({ ...fields, created_at: at, updated_at: at })
    .onConflictDoNothing()
    .returning()
  if (collection) await recordEvent(tx, event)
  return collection
}

export async function updateCollectionRow(
  tx: Db,
  id: number,
  fields: Partial<Fields>,
  event: AuditEvent,
  guard?: Guard<Collection>,
): Promise<Collection | "taken" | "gone"> {
  if (guard) for (const current of await tx.select().from(collections).where(eq(collections.id, id))) guard(current)
  if (fields.slug !== undefined) {
    const [other] = await tx.select({ id: collections.id }).from(collections).where(eq(collections.slug, fields.slug))
    if (other && other.id !== id) return "taken"
  }
  const [collection] = await tx
    .update(collections)
    .set({ ...fields, updated_at: now() })
    .where(eq(collections.id, id))
    .returning()
  if (!collection) return "gone"
  await recordEvent(tx, event)
  return collection
}

/** Collections whose long description was never rendered. */
export const listUnrendered = (): Promise<Pick<Collection, "id" | "full_description">[]> =>
  Promise.resolve(
    read()
      .select({ id: collections.id, full_description: collections.full_description })
      .from(collections)
      .where(and(isNotNull(collections.full_description), isNull(collections.full_description_html))),
  )

/** Stores rendered HTML, unless the description has changed since. */
export async function storeRenderedDescription(id: number, text: string, full_description_html: string): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(collections)
      .set({ full_description_html })
      .where(and(eq(collections.id, id), eq(collections.full_description, text)))
  })
}

export async function deleteCollectionRow(tx: Db, id: number, event: AuditEvent): Promise<void> {
  const gone = await tx.delete(collections).where(eq(collections.id, id)).returning({ id: collections.id })
  if (gone.length > 0) await recordEvent(tx, event)
}

/** Adds a model at the end, unless the collection already contains it. False if the collection is full. */
export async function addModelRow(
  tx: Db,
  collection_id: number,
  model_id: number,
  most: number,
  event: AuditEvent,
): Promise<boolean> {
  const added = await tx
    .insert(collection_models)
    .values({ collection_id, model_id })
    .onConflictDoNothing()
    .returning({ position: collection_models.position })
  if (added.length === 0) return true
  const [held] = await tx
    .select({ models: count() })
    .from(collection_models)
    .where(eq(collection_models.collection_id, collection_id))
  if (held!.models <= most) {
    await recordEvent(tx, event)
    return true
  }
  await tx.delete(collection_models).where(eq(collection_models.position, added[0]!.position))
  return false
}

export async function removeModelRow(
  tx: Db,
  collection_id: number,
  model_id: number,
  event: AuditEvent,
): Promise<void> {
  const gone = await tx
    .delete(collection_models)
    .where(and(eq(collection_models.collection_id, collection_id), eq(collection_models.model_id, model_id)))
    .returning({ model_id: collection_models.model_id })
  if (gone.length > 0) await recordEvent(tx, event)
}

/** The number of public models in each of these collections. */
export async function countCollectionModels(ids: number[]): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map()
  const rows = await read()
    .select({ id: collection_models.collection_id, models: count() })
    .from(collection_models)
    .innerJoin(models, eq(models.id, collection_models.model_id))
    .where(and(inArray(collection_models.collection_id, ids), eq(models.visibility, "public")))
    .groupBy(collection_models.collection_id)
  return new Map(rows.map(({ id, models }) => [id, models]))
}

/**
 * Reorders the public models of a collection; `arrange` returns their IDs in the new order. Private models keep their
 * positions.
 */
export async function arrangeModelRows(
  tx: Db,
  collection_id: number,
  arrange: (ids: number[]) => number[],
  event: AuditEvent,
): Promise<void> {
  const shown = await tx
    .select({ position: collection_models.position, model_id: collection_models.model_id })
    .from(collection_models)
    .innerJoin(models, eq(models.id, collection_models.model_id))
    .where(and(eq(collection_models.collection_id, collection_id), eq(models.visibility, "public")))
    .orderBy(asc(collection_models.position))
  const order = arrange(shown.map(({ model_id }) => model_id))
  const moved = shown.flatMap(({ position, model_id }, n) =>
    order[n] === model_id ? [] : [{ position, model_id: order[n]!, collection_id }],
  )
  if (moved.length === 0) return
  await recordEvent(tx, event)
  // Deleted before they are inserted again, because models and positions are unique within a collection.
  await tx.delete(collection_models).where(
    inArray(
      collection_models.position,
      moved.map(({ position }) => position),
    ),
  )
  await tx.insert(collection_models).values(moved)
}
