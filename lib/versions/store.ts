import { and, asc, desc, eq, getTableColumns, gt, inArray, isNotNull, isNull, ne, or, sql, type SQL } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { bytesOf } from "@/db/kit"
import { deployments, models, owners, predictions, releases, versions } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { setLatestVersion } from "@/lib/models/store"
import type { Cursor } from "@/lib/page"
import { moveLatestTag } from "@/lib/images/tag-store"
import { releaseManifest } from "@/lib/images/manifest-store"
import type { Form } from "./form"
import type { ListedVersion, Version } from "./row"

/** The form column is untyped JSON. */
const form = versions.form as unknown as SQL<Form | null>
const columns = { ...getTableColumns(versions), form }

/** A real cog.yaml has a few kilobytes; larger ones do not fit into lists. */
const shortConfig = 16 * 1024
const { openapi_schema: _schema, labels: _labels, form: _form, ...short } = getTableColumns(versions)
const listed = {
  ...short,
  cog_config: sql<
    Version["cog_config"]
  >`case when ${bytesOf(versions.cog_config)} <= ${sql.raw(String(shortConfig))} then ${versions.cog_config} end`.mapWith(
    versions.cog_config,
  ),
  schema_bytes: bytesOf(versions.openapi_schema),
}
const ofModel = eq(versions.model_id, sql.placeholder("model_id"))

const byId = preparedQuery("version_by_id", (db) =>
  db
    .select(columns)
    .from(versions)
    .where(and(ofModel, eq(versions.id, sql.placeholder("id")))),
)

export async function findVersion(model_id: number, id: string): Promise<Version | undefined> {
  const [version] = await byId().execute({ model_id, id })
  return version
}

const formById = preparedQuery("version_form", (db) =>
  db
    .select({ form })
    .from(versions)
    .where(and(ofModel, eq(versions.id, sql.placeholder("id")))),
)

/** Null if the version has none or does not exist. */
export async function findForm(model_id: number, id: string): Promise<Form | null> {
  const [row] = await formById().execute({ model_id, id })
  return row?.form ?? null
}

/** Stores the parsed form of a schema that was pushed before forms were stored. */
export async function storeForm(number: number, form: Form): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(versions)
      .set({ form })
      .where(and(eq(versions.number, number), isNull(versions.form)))
  })
}

/** Up to `most` versions whose schema is not parsed yet, after a number. */
export const listUnread = (after: number, most: number) =>
  Promise.resolve(
    read()
      .select({ number: versions.number, openapi_schema: versions.openapi_schema })
      .from(versions)
      .where(and(isNull(versions.form), isNotNull(versions.openapi_schema), gt(versions.number, after)))
      .orderBy(asc(versions.number))
      .limit(most),
  )

/** Whether an account other than the model's own has run a version. */
export async function wasRunByOthers(
  model_id: number,
  owner_id: number,
  version: string,
  db: Db = read(),
): Promise<boolean> {
  const [row] = await db
    .select({ number: predictions.number })
    .from(predictions)
    .where(
      and(eq(predictions.model_id, model_id), eq(predictions.version, version), ne(predictions.owner_id, owner_id)),
    )
    .limit(1)
  return row !== undefined
}

/**
 * The names of the deployments of the model's owner that run a version or are rolling it out. Those of other accounts
 * are not the owner's to see.
 */
export async function listDeploymentsOf(db: Db, model_id: number, version: string): Promise<string[]> {
  const rows = await db
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
    .innerJoin(models, and(eq(models.id, releases.model_id), eq(models.owner_id, deployments.owner_id)))
    .where(and(eq(releases.model_id, model_id), eq(releases.version, version)))
    .orderBy(sql`1`)
    .limit(100)
  return rows.map(({ name }) => name)
}

/** What is written in the same transaction as a version. */
export type Alongside = (tx: Db) => Promise<void>

/** Upserts a version and makes it the model's latest. A known ID is the same version, pushed again. */
export async function upsertVersion(
  tx: Db,
  fields: Omit<typeof versions.$inferInsert, "number" | "created_at" | "pushed_at">,
  event: AuditEvent,
): Promise<Version> {
  const at = now()
  const [version] = await tx
    .insert(versions)
    .values({ ...fields, created_at: at, pushed_at: at })
    .onConflictDoUpdate({
      target: [versions.model_id, versions.id],
      set: { pushed_at: at, pushed_by: fields.pushed_by },
    })
    .returning(columns)
  await makeLatest(tx, fields.model_id, version!)
  await recordEvent(tx, event)
  return version!
}

/** False if there is no such version. The previously pushed version becomes the latest. */
export async function deleteVersionRow(tx: Db, model_id: number, id: string, event: AuditEvent): Promise<boolean> {
  if ((await listDeploymentsOf(tx, model_id, id)).length > 0) return false
  const gone = await tx
    .delete(versions)
    .where(and(eq(versions.model_id, model_id), eq(versions.id, id)))
    .returning({ id: versions.id })
  if (gone.length === 0) return false
  await releaseManifest(tx, model_id, `sha256:${id}`)
  await makeLatest(tx, model_id, (await newest(tx, model_id)) ?? null)
  await recordEvent(tx, event)
  return true
}

/** Keeps the tag `latest` on the model's latest version. */
async function makeLatest(tx: Db, model_id: number, version: Pick<Version, "id" | "pushed_at"> | null) {
  await setLatestVersion(tx, model_id, version)
  await moveLatestTag(tx, model_id, version?.id ?? null)
}

async function newest(tx: Db, model_id: number) {
  const [version] = await tx
    .select({ id: versions.id, pushed_at: versions.pushed_at })
    .from(versions)
    .where(eq(versions.model_id, model_id))
    .orderBy(desc(versions.pushed_at), desc(versions.number))
    .limit(1)
  return version
}

const place = sql`(${versions.pushed_at}, ${versions.number})`
const at = sql`(${sql.placeholder("at")}, ${sql.placeholder("number")})`
const limited = sql.placeholder("limit")

const fromTheTop = preparedQuery("versions_newest", (db) =>
  db
    .select(listed)
    .from(versions)
    .where(ofModel)
    .orderBy(desc(versions.pushed_at), desc(versions.number))
    .limit(limited),
)
const older = preparedQuery("versions_older", (db) =>
  db
    .select(listed)
    .from(versions)
    .where(and(ofModel, sql`${place} < ${at}`))
    .orderBy(desc(versions.pushed_at), desc(versions.number))
    .limit(limited),
)
const newer = preparedQuery("versions_newer", (db) =>
  db
    .select(listed)
    .from(versions)
    .where(and(ofModel, sql`${place} > ${at}`))
    .orderBy(asc(versions.pushed_at), asc(versions.number))
    .limit(limited),
)

/** Up to `limit + 1` versions, newest push first, from the cursor on and in its direction. */
export async function listVersionRows(
  model_id: number,
  cursor: Cursor | null,
  limit: number,
): Promise<ListedVersion[]> {
  const [at, number] = cursor?.key ?? []
  const query = cursor ? (cursor.reverse ? newer : older) : fromTheTop
  return query().execute({ model_id, at, number, limit: limit + 1 })
}

/** The schemas of some versions, by the versions' numbers. */
export async function findSchemas(numbers: number[]): Promise<Map<number, Version["openapi_schema"]>> {
  if (numbers.length === 0) return new Map()
  const rows = await read()
    .select({ number: versions.number, openapi_schema: versions.openapi_schema })
    .from(versions)
    .where(inArray(versions.number, numbers))
  return new Map(rows.map(({ number, openapi_schema }) => [number, openapi_schema]))
}
