import { and, eq, gt, inArray, isNotNull, isNull, like, or, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { beginsWith } from "@/db/kit"
import { instances, models, owners, pools, versions } from "@/db/schema"
import { now } from "@/lib/clock"
import type { Pool, WholePool } from "./row"

/** Creates a pool within the write of its first prediction. Does nothing if it exists. */
export async function insertPool(
  tx: Db,
  fields: Pick<Pool, "key" | "model_id" | "version" | "hardware"> & Partial<Pool>,
): Promise<void> {
  await tx
    .insert(pools)
    .values({
      min_instances: 0,
      max_instances: 10,
      failures: 0,
      boot_seconds: [],
      run_seconds: [],
      used_at: now(),
      ...fields,
    })
    .onConflictDoNothing()
}

const byKey = preparedQuery("pool_by_key", (db) =>
  db
    .select({
      pool: pools,
      model: {
        id: models.id,
        owner_id: models.owner_id,
        owner: owners.username,
        name: models.name,
        visibility: models.visibility,
        hardware: models.hardware,
        egress_asked_at: models.egress_asked_at,
        egress_allowed_at: models.egress_allowed_at,
        latest_version_id: models.latest_version_id,
      },
      version: {
        number: versions.number,
        bundled: versions.bundled,
        cog_config: versions.cog_config,
        trained: versions.trained,
      },
    })
    .from(pools)
    .innerJoin(models, eq(models.id, pools.model_id))
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .innerJoin(versions, and(eq(versions.model_id, pools.model_id), eq(versions.id, pools.version)))
    .where(eq(pools.key, sql.placeholder("key"))),
)

/** A pool with its model and version; undefined when either was deleted. */
export async function findPool(key: string): Promise<WholePool | undefined> {
  const [found] = await byKey().execute({ key })
  return found && { ...found.pool, model: found.model, version_row: found.version! }
}

export async function updatePool(key: string, fields: Partial<Pool>): Promise<void> {
  await write(async (tx) => {
    await tx.update(pools).set(fields).where(eq(pools.key, key))
  })
}

/** Updates a pool within another write. */
export async function updatePoolWithin(tx: Db, key: string, fields: Partial<Pool>): Promise<void> {
  await tx.update(pools).set(fields).where(eq(pools.key, key))
}

/** Updates all pools whose keys have this prefix, within another write. */
export async function updatePoolsWithin(tx: Db, prefix: string, fields: Partial<Pool>): Promise<void> {
  await tx.update(pools).set(fields).where(beginsWith(pools.key, prefix))
}

/** The number of instances that a pool keeps ready without a queue, and the pool that may take one of its places. */
export type ReadyTarget = { instances: number; yields_to: string | null }

/** Pools that keep instances ready, and those that yield one. */
export async function listPoolsKeptReady(): Promise<Map<string, ReadyTarget>> {
  const at = now()
  const rows = await poolsKeptReady().execute({ at })
  return new Map(
    rows.map(({ key, min_instances, warm_instances, warm_until, yields_to }) => [
      key,
      {
        instances: Math.max(min_instances, warm_until !== null && warm_until > at ? warm_instances : 0),
        yields_to,
      },
    ]),
  )
}
const poolsKeptReady = preparedQuery("pools_kept", (db) =>
  db
    .select({
      key: pools.key,
      min_instances: pools.min_instances,
      warm_instances: pools.warm_instances,
      warm_until: pools.warm_until,
      yields_to: pools.yields_to,
    })
    .from(pools)
    .where(
      and(
        isNull(pools.retired_at),
        or(
          gt(pools.min_instances, 0),
          isNotNull(pools.yields_to),
          and(gt(pools.warm_instances, 0), sql`${pools.warm_until} > ${sql.placeholder("at")}`),
        ),
      ),
    ),
)

/** Whether an instance of the pools with this prefix is running, or stopped after a time. */
export async function usedSince(prefix: string, since: string): Promise<boolean> {
  const [row] = await read()
    .select({ id: instances.id })
    .from(instances)
    .where(and(beginsWith(instances.pool, prefix), or(isNull(instances.stopped_at), gt(instances.stopped_at, since))))
    .limit(1)
  return row !== undefined
}

/** Updates a pool within another write, based on its current row. */
export async function changePool(
  tx: Db,
  key: string,
  change: (pool: Pool) => Partial<Pool>,
): Promise<Pool | undefined> {
  const [pool] = await tx.select().from(pools).where(eq(pools.key, key))
  if (!pool) return undefined
  const fields = change(pool)
  await tx.update(pools).set(fields).where(eq(pools.key, key))
  return { ...pool, ...fields }
}

/** The model's own pool for a version; those of deployments and trainings, which others may pay for, are not. */
export async function findOwnPool(model_id: number, version: string): Promise<Pool | undefined> {
  const number = read()
    .select({ number: versions.number })
    .from(versions)
    .where(and(eq(versions.model_id, model_id), eq(versions.id, version)))
  const [pool] = await read()
    .select()
    .from(pools)
    .where(eq(pools.key, sql`'version:' || (${number})`))
  return pool
}

export async function listPools(keys: string[]): Promise<Pool[]> {
  return keys.length === 0 ? [] : read().select().from(pools).where(inArray(pools.key, keys))
}

/** Pools whose version was deleted while runs remain. */
export async function listPoolsWithoutVersion(): Promise<Pick<Pool, "key" | "model_id" | "version">[]> {
  return read()
    .select({ key: pools.key, model_id: pools.model_id, version: pools.version })
    .from(pools)
    .leftJoin(
      versions,
      sql`${versions.number} = case when ${pools.key} like 'version:%' then cast(substr(${pools.key}, 9) as integer) end`,
    )
    .where(and(isNull(versions.number), isNull(pools.emptied_at), like(pools.key, "version:%")))
}

export const markPoolEmptied = (key: string, emptied_at: string): Promise<void> => updatePool(key, { emptied_at })
