import { and, eq, gte, isNotNull, isNull, lt, sql } from "drizzle-orm"

import { preparedQueryWithin, read, type Db } from "@/db"
import { beginsWith } from "@/db/kit"
import { hardware, instances, models, pools, predictions, runners } from "@/db/schema"
import { ledgerRows, refundOf, type UsageRow } from "@/lib/usage/ledger"
import { insertUsage, usageOf } from "@/lib/usage/store"

const byId = preparedQueryWithin("metered_instance", (tx) =>
  tx
    .select({
      id: instances.id,
      pool: instances.pool,
      hardware: instances.hardware,
      metered_until: instances.metered_until,
      usd_per_second: instances.usd_per_second,
      ready_at: instances.ready_at,
      price: hardware.usd_per_second,
      model_id: models.id,
      owner_id: models.owner_id,
      visibility: models.visibility,
      payer: pools.owner_id,
    })
    .from(instances)
    .innerJoin(pools, eq(pools.key, instances.pool))
    .innerJoin(models, eq(models.id, pools.model_id))
    .leftJoin(hardware, eq(hardware.sku, instances.hardware))
    .where(and(eq(instances.id, sql.placeholder("id")), isNull(instances.stopped_at))),
)

const runningOn = preparedQueryWithin("metered_running", (tx) =>
  tx
    .select({
      number: predictions.number,
      owner_id: predictions.owner_id,
      token_id: predictions.token_id,
      claimed_at: predictions.claimed_at,
    })
    .from(predictions)
    .where(
      and(
        eq(predictions.instance_id, sql.placeholder("id")),
        isNull(predictions.completed_at),
        isNotNull(predictions.instance_id),
      ),
    ),
)

type Metered = Awaited<ReturnType<ReturnType<typeof byId>["execute"]>>[number]

/** The rows of an instance's time since its last metering, up to `at`. */
async function rowsUntil(tx: Db, found: Metered, at: string, failing: number[]): Promise<UsageRow[]> {
  if (at <= found.metered_until) return []
  const running = await runningOn(tx).execute({ id: found.id })
  return ledgerRows(
    {
      instance: found,
      model: { id: found.model_id, owner_id: found.owner_id, visibility: found.visibility },
      payer: found.payer,
      running: running.map((one) => ({ ...one, claimed_at: one.claimed_at!, failed: failing.includes(one.number) })),
    },
    at,
  )
}

/**
 * Meters an instance: writes its seconds since the last metering into the ledger, up to `at`; none if it is metered
 * until later. Called within every write that changes its state: before it becomes ready, before a prediction on it
 * ends, before it stops. `failing` are the numbers of predictions that end as failed.
 */
export async function meterInstance(tx: Db, id: string, at: string, failing: number[] = []): Promise<void> {
  const [found] = await byId(tx).execute({ id })
  if (!found) return
  await insertUsage(tx, await rowsUntil(tx, found, at, failing))
  const isPublic = found.visibility === "public" && found.payer === null
  if (isPublic) for (const number of failing) await insertUsage(tx, refundOf(await usageOf(tx, number), at))
  await updateMeter(tx).execute({
    id,
    metered_until: at > found.metered_until ? at : found.metered_until,
    usd_per_second: found.price ?? found.usd_per_second,
  })
}

const updateMeter = preparedQueryWithin("meter_instance", (tx) =>
  tx
    .update(instances)
    .set({
      metered_until: sql`${sql.placeholder("metered_until")}`,
      usd_per_second: sql`${sql.placeholder("usd_per_second")}`,
    })
    .where(eq(instances.id, sql.placeholder("id"))),
)

/** Live instances of all pools of a model. */
const liveOf = (tx: Db, model_id: number) =>
  tx
    .select({ id: instances.id })
    .from(instances)
    .innerJoin(pools, eq(pools.key, instances.pool))
    .where(and(eq(pools.model_id, model_id), isNull(instances.stopped_at)))

/**
 * Meters a model's instances before a write changes who pays for them, so that past seconds are charged to the previous
 * payer.
 */
export async function meterModel(tx: Db, model_id: number, at: string): Promise<void> {
  for (const { id } of await liveOf(tx, model_id)) await meterInstance(tx, id, at)
}

/**
 * Meters and stops a model's instances within the write that deletes it, because the payer is unknown afterwards.
 * Runners are ordered to stop instances that are no longer in the table.
 */
export async function closeInstancesOf(tx: Db, model_id: number, at: string): Promise<void> {
  for (const { id } of await liveOf(tx, model_id)) {
    await meterInstance(tx, id, at)
    await tx
      .update(instances)
      .set({ state: "stopped", reason: "deleted", detail: "The model was deleted.", stopped_at: at })
      .where(eq(instances.id, id))
  }
}

/**
 * Up to `limit` live instances that are not metered until a time, if their runner has reported since: one that is lost
 * is metered until its last report.
 */
export async function listUnmetered(until: string, limit: number): Promise<{ id: string }[]> {
  return read()
    .select({ id: instances.id })
    .from(instances)
    .innerJoin(runners, eq(runners.id, instances.runner))
    .where(and(isNull(instances.stopped_at), lt(instances.metered_until, until), gte(runners.seen_at, until)))
    .limit(limit)
}

/** The rows that the ledger does not have yet, up to `at`, of the live instances of pools whose keys have a prefix. */
export async function unmeteredRows(prefix: string, at: string): Promise<UsageRow[]> {
  const live = await read()
    .select({ id: instances.id })
    .from(instances)
    .where(and(beginsWith(instances.pool, prefix), isNull(instances.stopped_at)))
  const rows = await Promise.all(
    live.map(async ({ id }) => {
      const [found] = await byId(read()).execute({ id })
      return found ? rowsUntil(read(), found, at, []) : []
    }),
  )
  return rows.flat()
}
