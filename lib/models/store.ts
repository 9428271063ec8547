import { and, asc, count, desc, eq, getTableColumns, inArray, isNotNull, isNull, or, sql, type SQL } from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, read, write, type Db } from "@/db"
import { alias, placeholdersFor } from "@/db/kit"
import { deployments, former_names, models, owners, releases, type StoredExample } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { closeInstancesOf, meterModel } from "@/lib/instances/instance"
import type { Guard } from "@/lib/revision"
import { releaseModelSlot, reserveModelSlot } from "@/lib/owners/store"
import { endTokensOfModel } from "@/lib/tokens/store"
import type { Cursor } from "@/lib/page"
import { cachedColumns, ownColumns, refreshCachedJson, type CachedRow, type OwnRow } from "./cached-json-store"
import { toCachedJson } from "./cached-json"
import type { Model, Row, WholeModel } from "./row"
import { selectModels } from "./row-store"
import { addToIndex, indexModel } from "./search-store"

const { readme, cached_json } = getTableColumns(models)

/**
 * Filtered in the query, so that invisible rows are never read: the time of reading one would reveal that it exists.
 */
const seen = () =>
  or(eq(models.visibility, "public"), sql`${sql.placeholder("sees")} like '%,' || ${models.owner_id} || ',%'`)

const named = () => and(eq(owners.username, sql.placeholder("owner")), eq(models.name, sql.placeholder("name")), seen())

const byName = preparedQuery("model_by_name", (db) => selectModels(db).where(named()))

/** The model of that name, if it is public or belongs to one of the accounts in `sees` (`,1,2,`). */
export async function findModel(owner: string, name: string, sees: string): Promise<Model | undefined> {
  const [model] = await byName().execute({ owner, name, sees })
  return model
}

const cachedByName = preparedQuery("model_cached_by_name", (db) =>
  db
    .select({
      ...ownColumns,
      visibility: models.visibility,
      run_count: models.run_count,
      cached_json,
    })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(named()),
)

/** The columns needed to send a model's public JSON; found as by `findModel`. */
export async function findCachedModel(owner: string, name: string, sees: string) {
  const [model] = await cachedByName().execute({ owner, name, sees })
  return model
}

const byFormerName = preparedQuery("model_by_former_name", (db) => {
  const formerOwners = alias(owners, "former_owners")
  const named = and(eq(formerOwners.username, sql.placeholder("owner")), eq(former_names.name, sql.placeholder("name")))
  const moved = db
    .select({ id: former_names.model_id })
    .from(former_names)
    .innerJoin(formerOwners, eq(formerOwners.id, former_names.owner_id))
    .where(named)
  return selectModels(db).where(and(inArray(models.id, moved), seen()))
})

/** The current state of the model that most recently gave up this name; found as by `findModel`. */
export async function findModelByFormerName(owner: string, name: string, sees: string): Promise<Model | undefined> {
  const [model] = await byFormerName().execute({ owner, name, sees })
  return model
}

const sizes = [25, 100] as const
const placesOf = (size: number) => Array.from({ length: size }, (_, n) => `id${n}`)

/**
 * Finds rows by ID, in the order of the IDs and without deleted ones, by queries that are prepared for up to 25 and 100
 * IDs.
 */
function rowsByIds<R extends { id: number }>(
  what: string,
  select: (db: Db, isWanted: SQL) => Promise<R[]> & { prepare(): unknown },
) {
  const prepared = sizes.map((size) => ({
    size,
    query: preparedQuery(`${what}_by_${size}_ids`, (db) =>
      select(
        db,
        inArray(
          models.id,
          placesOf(size).map((place) => sql.placeholder(place)),
        ),
      ),
    ),
  }))
  return async (ids: number[]): Promise<R[]> => {
    if (ids.length === 0) return []
    const most = prepared.find(({ size }) => ids.length <= size)
    // Unused placeholders get an ID that no model has.
    const rows = most
      ? await (most.query() as Rows<R>).execute(
          Object.fromEntries(placesOf(most.size).map((place, n) => [place, ids[n] ?? 0])),
        )
      : await select(read(), inArray(models.id, ids))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.flatMap((id) => byId.get(id) ?? [])
  }
}

/** The models of these IDs, in order, without deleted ones. The caller checks access. */
export const listRowsById = rowsByIds<Model>("models", (db, isWanted) => selectModels(db).where(isWanted))

const cachedRowsById = rowsByIds<CachedRow & Pick<Model, "visibility">>("cached_models", (db, isWanted) =>
  db
    .select({ ...cachedColumns, visibility: models.visibility })
    .from(models)
    .where(isWanted),
)

/** The public models of these IDs, in order, with only the columns that their JSON needs. */
export const listCachedRowsById = async (ids: number[]): Promise<CachedRow[]> =>
  // Not in the query, where SQLite would read all public models instead of these.
  (await cachedRowsById(ids)).filter(({ visibility }) => visibility === "public")

type Created = "id" | "latest_version_id" | "created_at" | "updated_at" | "listed_at" | "pulled_at"

/** Inserts a model of the account `owner` if the name is free and the account has not reached its limit. */
export async function insertModel(
  tx: Db,
  owner: string,
  fields: Omit<Row, Created>,
  slotsPerOwner: number,
  event: AuditEvent,
): Promise<Model | "taken" | "full"> {
  // Set inside the write, so that on one server the order of creation matches the times.
  const at = now()
  const row = { ...fields, latest_version_id: null, created_at: at, updated_at: at, listed_at: at, pulled_at: null }
  const shown = { ...row, id: 0, owner, latest_version: null }
  const cached_json = toCachedJson({ ...shown, default_example: null })
  // Statements that do not depend on each other are sent together: on PostgreSQL each would be a round trip.
  const [[inserted], isReserved] = await Promise.all([
    insertRow(tx).execute({ ...row, cached_json }),
    reserveModelSlot(tx, fields.owner_id, slotsPerOwner),
  ])
  if (!inserted) {
    if (isReserved) await releaseModelSlot(tx, fields.owner_id)
    return "taken"
  }
  const model = { ...shown, id: inserted.id }
  if (!isReserved) {
    await tx.delete(models).where(eq(models.id, model.id))
    return "full"
  }
  await Promise.all([
    model.visibility === "public" && addToIndex(tx, model.id, { ...model, readme: null }),
    recordEvent(tx, event),
  ])
  return model
}

const insertRow = preparedQueryWithin("model_insert", (tx) =>
  tx
    .insert(models)
    .values(placeholdersFor(models, ["id", "readme", "readme_html", "default_example"]))
    .onConflictDoNothing()
    .returning({ id: models.id }),
)

export type ModelChanges = Partial<
  Pick<
    typeof models.$inferInsert,
    | "description"
    | "readme"
    | "readme_html"
    | "visibility"
    | "hardware"
    | "github_url"
    | "paper_url"
    | "license_url"
    | "weights_url"
    | "cover_image_url"
    | "cover_upload"
    | "egress_asked_at"
    | "egress_allowed_at"
  >
>

/** Returns the updated model; undefined if it is gone. */
export async function updateModelRow(
  tx: Db,
  id: number,
  changes: ModelChanges,
  event: AuditEvent,
  guard?: Guard<WholeModel>,
): Promise<WholeModel | undefined> {
  if (guard) {
    const [[model], [kept]] = [
      await selectModels(tx).where(eq(models.id, id)),
      await tx.select({ readme }).from(models).where(eq(models.id, id)),
    ]
    if (model && kept) guard({ ...model, ...kept })
  }
  if (changes.visibility !== undefined) await meterModel(tx, id, now())
  const [kept] = await tx
    .update(models)
    .set({ ...changes, updated_at: now() })
    .where(eq(models.id, id))
    .returning({ readme })
  const model = kept && (await refreshCachedJson(tx, id))
  if (!model) return undefined
  if ((["description", "readme", "visibility"] as const).some((field) => changes[field] !== undefined))
    await indexModel(tx, id)
  await recordEvent(tx, event)
  return { ...model, ...kept }
}

/**
 * Deletes a private model without versions and releases its slot in the account's limit. False if there is no such
 * model.
 */
export async function deleteModelRow(tx: Db, id: number, event: AuditEvent): Promise<boolean> {
  const mayGo = and(eq(models.id, id), eq(models.visibility, "private"), isNull(models.latest_version_id))
  const [gone] = await tx.select({ owner_id: models.owner_id }).from(models).where(mayGo)
  if (!gone) return false
  await closeInstancesOf(tx, id, now())
  await endTokensOfModel(tx, id, now())
  await tx.delete(models).where(eq(models.id, id))
  await releaseModelSlot(tx, gone.owner_id)
  await indexModel(tx, id)
  await recordEvent(tx, event)
  return true
}

/**
 * The names of the deployments of the model's owner that run a version of it. Those of other accounts are not the
 * owner's to see.
 */
export async function listDeploymentsOfModel({ id, owner_id }: Pick<Row, "id" | "owner_id">): Promise<string[]> {
  const rows = await read()
    .selectDistinct({ name: sql<string>`${owners.username} || '/' || ${deployments.name}` })
    .from(deployments)
    .innerJoin(owners, eq(owners.id, deployments.owner_id))
    .innerJoin(
      releases,
      and(
        eq(releases.deployment_id, deployments.id),
        or(eq(releases.number, deployments.current), eq(releases.number, deployments.serving)),
      ),
    )
    .where(and(eq(deployments.owner_id, owner_id), eq(releases.model_id, id)))
    .orderBy(sql`1`)
    .limit(100)
  return rows.map(({ name }) => name)
}

export async function countModelsIn(db: Db, owner_id: number): Promise<number> {
  const [row] = await db.select({ models: count() }).from(models).where(eq(models.owner_id, owner_id))
  return row!.models
}

/** Run inside the write that adds or removes a version. `null` means that none is left. */
export async function setLatestVersion(
  tx: Db,
  model_id: number,
  latest: { id: string; pushed_at: string } | null,
): Promise<void> {
  await tx
    .update(models)
    .set({ latest_version_id: latest?.id ?? null, listed_at: latest?.pushed_at ?? sql`${models.created_at}` })
    .where(eq(models.id, model_id))
  await refreshCachedJson(tx, model_id)
}

/** Run inside the write that changes the default example; null for none. `example_cover` is the file of its picture. */
export async function setDefaultExample(
  tx: Db,
  model_id: number,
  default_example: StoredExample | null,
  example_cover: string | null,
): Promise<void> {
  await tx.update(models).set({ default_example, example_cover }).where(eq(models.id, model_id))
  await refreshCachedJson(tx, model_id)
}

/** Run inside the write that counts runs. */
export async function addRuns(tx: Db, model_id: number, runs: number): Promise<void> {
  await tx
    .update(models)
    .set({ run_count: sql`${models.run_count} + ${runs}` })
    .where(eq(models.id, model_id))
}

/** Records the first pull of the model's image. */
export async function recordFirstPull(id: number): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(models)
      .set({ pulled_at: now() })
      .where(and(eq(models.id, id), isNull(models.pulled_at)))
  })
}

/** The filters and the order of a list. */
export type ModelList = {
  owner_id?: number
  visibility?: Model["visibility"]
  hardware?: string
  has_versions?: boolean
  order: "listed_at" | "created_at" | "name"
  ascending: boolean
}

/** Up to `limit + 1` models in list order, in the cursor's direction. */
export const listModelRows = (list: ModelList, cursor: Cursor | null, limit: number): Promise<Model[]> =>
  rowsOf("models", list, cursor, limit, (db) => selectModels(db))

/** A page of models with only their public JSON and their list position as `at`. */
export const listCachedRows = (
  list: ModelList,
  cursor: Cursor | null,
  limit: number,
): Promise<(CachedRow & { at: string })[]> =>
  rowsOf("cached_models", list, cursor, limit, (db) =>
    db.select({ ...cachedColumns, at: models[list.order] }).from(models),
  )

/** The same for somebody who may be able to edit some of them. */
export const listOwnCachedRows = (
  list: ModelList,
  cursor: Cursor | null,
  limit: number,
): Promise<(CachedRow & OwnRow & { at: string })[]> =>
  rowsOf("own_cached_models", list, cursor, limit, (db) =>
    db.select({ ...cachedColumns, ...ownColumns, at: models[list.order] }).from(models),
  )

/** The names of a page of models. */
export const listNameRows = (
  list: ModelList,
  cursor: Cursor | null,
  limit: number,
): Promise<{ id: number; at: string; owner: string; name: string; updated_at: string }[]> =>
  rowsOf("model_names", list, cursor, limit, (db) =>
    db
      .select({
        id: models.id,
        at: models[list.order],
        owner: owners.username,
        name: models.name,
        updated_at: models.updated_at,
      })
      .from(models)
      .innerJoin(owners, eq(owners.id, models.owner_id)),
  )

type Rows<R> = { execute(values: Record<string, unknown>): Promise<R[]> }
type Selection = ReturnType<typeof selectModels>

async function rowsOf<R>(
  what: string,
  list: ModelList,
  cursor: Cursor | null,
  limit: number,
  select: (db: Db) => unknown,
): Promise<R[]> {
  const [at, id] = cursor?.key ?? []
  const ascending = list.ascending !== (cursor?.reverse ?? false)
  const query = listQuery(
    what,
    { ...list, ascending },
    cursor !== null,
    select as (db: Db) => Selection,
  ) as unknown as () => Rows<R>
  return query().execute({ owner_id: list.owner_id, hardware: list.hardware, at, id, limit: limit + 1 })
}

/** Prepared queries, one per combination of filters in use. */
function listQuery(
  what: string,
  { owner_id, visibility, hardware, has_versions, order, ascending }: ModelList,
  continued: boolean,
  select: (db: Db) => Selection,
) {
  const parts = [
    owner_id !== undefined && "owner",
    visibility,
    hardware !== undefined && "hardware",
    has_versions && "versions",
    order,
    ascending && "asc",
    continued && "on",
  ]
  const name = [what, ...parts.filter(Boolean)].join("_")
  const known = listQueries.get(name)
  if (known) return known

  const at = models[order]
  const direction = ascending ? asc : desc
  const beyond = sql`(${at}, ${models.id}) ${sql.raw(ascending ? ">" : "<")} (${sql.placeholder("at")}, ${sql.placeholder("id")})`
  const where = and(
    owner_id === undefined ? undefined : eq(models.owner_id, sql.placeholder("owner_id")),
    visibility && eq(models.visibility, visibility),
    hardware === undefined ? undefined : eq(models.hardware, sql.placeholder("hardware")),
    has_versions ? isNotNull(models.latest_version_id) : undefined,
    continued ? beyond : undefined,
  )
  const query = preparedQuery(name, (db) =>
    select(db).where(where).orderBy(direction(at), direction(models.id)).limit(sql.placeholder("limit")),
  )
  listQueries.set(name, query)
  return query
}
const listQueries = new Map<string, () => Rows<Model>>()
