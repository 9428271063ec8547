import { and, eq, isNotNull, isNull, sql } from "drizzle-orm"

import { preparedQueryWithin, type Db } from "@/db"
import { hardware, instances, models, pools, predictions } from "@/db/schema"
import { ledgerRows, refundOf } from "@/lib/usage/ledger"
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

/**
 * Meters an instance: writes its seconds since the last metering into the ledger, up to `at`. Called within every write
 * that changes its state: before it becomes ready, before a prediction on it ends, before it stops. `failing` are the
 * numbers of predictions that end as failed.
 */
export async function meterInstance(tx: Db, id: string, at: string, failing: number[] = []): Promise<void> {
  const [found] = await byId(tx).execute({ id })
  if (!found) return
  const running = await runningOn(tx).execute({ id })
  const isPublic = found.visibility === "public" && found.payer === null
  if (at > found.metered_until) {
    const stretch = {
      instance: found,
      model: { id: found.model_id, owner_id: found.owner_id, visibility: found.visibility },
      payer: found.payer,
      running: running.map((one) => ({ ...one, claimed_at: one.claimed_at!, failed: failing.includes(one.number) })),
    }
    await insertUsage(tx, ledgerRows(stretch, at))
  }
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
