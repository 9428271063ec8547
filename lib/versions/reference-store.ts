import { and, desc, eq, or, sql } from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, type Db } from "@/db"
import { models, owners, tags, versions, type Trained } from "@/db/schema"

const runnable = {
  number: versions.number,
  version: versions.id,
  bundled: versions.bundled,
  trained: versions.trained,
  latest_version_id: models.latest_version_id,
  model_id: models.id,
  owner_id: models.owner_id,
  owner: owners.username,
  name: models.name,
  visibility: models.visibility,
  hardware: models.hardware,
}

const select = (db: Db) =>
  db
    .select(runnable)
    .from(versions)
    .innerJoin(models, eq(models.id, versions.model_id))
    .innerJoin(owners, eq(owners.id, models.owner_id))

/** A version, with the columns of its model needed to run it. */
export type RunnableVersion = {
  number: number
  version: string
  bundled: string | null
  trained: Trained | null
  latest_version_id: string | null
  model_id: number
  owner_id: number
  owner: string
  name: string
  visibility: "public" | "private"
  hardware: string
}

/** Filtered in the query, so that rows the actor may not see are never read. */
const seen = () =>
  or(eq(models.visibility, "public"), sql`${sql.placeholder("sees")} like '%,' || ${models.owner_id} || ',%'`)
const named = () => and(eq(owners.username, sql.placeholder("owner")), eq(models.name, sql.placeholder("name")), seen())

const byId = preparedQuery("runnable_by_id", (db) =>
  select(db)
    .where(and(eq(versions.id, sql.placeholder("id")), seen()))
    .orderBy(desc(sql`${models.owner_id} = ${sql.placeholder("own")}`), desc(versions.pushed_at), desc(versions.number))
    .limit(1),
)

/**
 * The version of this ID that the accounts in `sees` (`,1,2,`) may run; if several models have it, preferably one of
 * the account `own`.
 */
export async function findRunnableById(id: string, sees: string, own: number): Promise<RunnableVersion | undefined> {
  const [row] = await byId().execute({ id, sees, own })
  return row
}

const byName = preparedQuery("runnable_by_name", (db) =>
  select(db).where(and(eq(versions.id, sql.placeholder("id")), named())),
)

export async function findRunnableByName(
  owner: string,
  name: string,
  id: string,
  sees: string,
): Promise<RunnableVersion | undefined> {
  const [row] = await byName().execute({ owner, name, id, sees })
  return row
}

const latest = preparedQuery("runnable_latest", (db) =>
  select(db).where(and(eq(versions.id, models.latest_version_id), named())),
)

export async function findLatestRunnable(
  owner: string,
  name: string,
  sees: string,
): Promise<RunnableVersion | undefined> {
  const [row] = await latest().execute({ owner, name, sees })
  return row
}

const byAlias = preparedQuery("runnable_by_alias", (db) =>
  select(db)
    .innerJoin(
      tags,
      and(
        eq(tags.model_id, models.id),
        eq(tags.name, sql.placeholder("alias")),
        sql`${tags.digest} = 'sha256:' || ${versions.id}`,
      ),
    )
    .where(named()),
)

export async function findRunnableByAlias(
  owner: string,
  name: string,
  alias: string,
  sees: string,
): Promise<RunnableVersion | undefined> {
  const [row] = await byAlias().execute({ owner, name, alias, sees })
  return row
}

const document = preparedQuery("openapi_of_version", (db) =>
  db
    .select({ openapi_schema: versions.openapi_schema })
    .from(versions)
    .where(eq(versions.number, sql.placeholder("number"))),
)

export async function findOpenapi(number: number): Promise<string | null> {
  const [row] = await document().execute({ number })
  return row?.openapi_schema ?? null
}

const stillThere = preparedQueryWithin("runnable_still", (tx) =>
  tx
    .select({ number: versions.number })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.model_id))
    .where(and(eq(versions.number, sql.placeholder("number")), seen())),
)

/** Whether a version exists and may be run; checked within the write that depends on it. */
export async function isRunnable(tx: Db, number: number, sees: string): Promise<boolean> {
  const [row] = await stillThere(tx).execute({ number, sees })
  return row !== undefined
}
