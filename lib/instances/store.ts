import { and, count, desc, eq, gt, inArray, isNotNull, isNull, lt, notExists, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { hardware, instances, models, owners, pools, predictions, runners } from "@/db/schema"
import { now } from "@/lib/clock"
import { meterInstance } from "./meter-store"
import type { Instance } from "./row"

/** The columns of an instance without its log, which is long. */
export type LiveInstance = Omit<Instance, "setup_log">

/**
 * Claims the smallest free ordinal of a pool, up to `most`, for a new instance. Undefined when there is none, or
 * another process claimed it first.
 */
export async function claimOrdinal(
  fields: Pick<Instance, "id" | "pool" | "runner" | "engine" | "hardware" | "egress" | "slots">,
  most: number,
): Promise<LiveInstance | undefined> {
  return write(async (tx) => {
    const taken = await tx
      .select({ ordinal: instances.ordinal })
      .from(instances)
      .where(and(eq(instances.pool, fields.pool), isNull(instances.stopped_at)))
    const ordinals = new Set(taken.map(({ ordinal }) => ordinal))
    const ordinal = Array.from({ length: most }, (_, n) => n + 1).find((one) => !ordinals.has(one))
    if (ordinal === undefined) return undefined
    const [row] = await tx
      .select({ usd_per_second: hardware.usd_per_second })
      .from(hardware)
      .where(eq(hardware.sku, fields.hardware))
    const created_at = now()
    const [instance] = await tx
      .insert(instances)
      .values({
        ...fields,
        ordinal,
        state: "booting",
        reason: null,
        detail: null,
        setup_log: "",
        cog_version: null,
        metered_until: created_at,
        usd_per_second: row?.usd_per_second ?? "0",
        created_at,
        ready_at: null,
        idle_since: null,
        stopped_at: null,
      })
      .onConflictDoNothing()
      .returning()
    return instance
  })
}

/** Updates a live instance where metering is not affected. */
export async function updateInstance(id: string, fields: Partial<Instance>): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(instances)
      .set(fields)
      .where(and(eq(instances.id, id), isNull(instances.stopped_at)))
  })
}

/** Marks an instance as ready (idle or busy). False when it has ended. */
export async function markReady(
  id: string,
  at: string,
  fields: Pick<Instance, "slots" | "cog_version">,
): Promise<boolean> {
  return write(async (tx) => {
    await meterInstance(tx, id, at)
    const ready = await tx
      .update(instances)
      .set({ ...fields, state: "idle", ready_at: at, idle_since: at })
      .where(and(eq(instances.id, id), isNull(instances.stopped_at)))
      .returning({ id: instances.id })
    return ready.length > 0
  })
}

/** Ends an instance within a write: meters its seconds and frees its ordinal. False when it has ended already. */
export async function stopRow(
  tx: Db,
  id: string,
  at: string,
  fields: Pick<Instance, "state" | "reason" | "detail">,
  failing: number[] = [],
): Promise<boolean> {
  await meterInstance(tx, id, at, failing)
  // If a prediction on it ended after `at`, it is already metered until then.
  const stopped_at = sql<string>`case when ${instances.metered_until} > ${at} then ${instances.metered_until} else ${at} end`
  const stopped = await tx
    .update(instances)
    .set({ ...fields, stopped_at })
    .where(and(eq(instances.id, id), isNull(instances.stopped_at)))
    .returning({ id: instances.id })
  return stopped.length > 0
}

const appendLog = (id: string, text: string, limit: number) =>
  write(async (tx) => {
    await tx
      .update(instances)
      .set({ setup_log: sql`substr(${instances.setup_log} || ${text}, 1, ${limit})` })
      .where(eq(instances.id, id))
  })

/** Appends to the set-up log of an instance, up to `limit` characters. */
export const appendSetupLog = (id: string, text: string, limit: number): Promise<void> => appendLog(id, text, limit)

const { setup_log: _log, ...columns } = {
  id: instances.id,
  pool: instances.pool,
  ordinal: instances.ordinal,
  runner: instances.runner,
  engine: instances.engine,
  hardware: instances.hardware,
  egress: instances.egress,
  state: instances.state,
  slots: instances.slots,
  reason: instances.reason,
  detail: instances.detail,
  setup_log: instances.setup_log,
  cog_version: instances.cog_version,
  metered_until: instances.metered_until,
  usd_per_second: instances.usd_per_second,
  created_at: instances.created_at,
  ready_at: instances.ready_at,
  idle_since: instances.idle_since,
  stopped_at: instances.stopped_at,
}

/** The live instances of a runner. */
export async function listLiveOfRunner(runner: string): Promise<LiveInstance[]> {
  return read()
    .select(columns)
    .from(instances)
    .where(and(eq(instances.runner, runner), isNull(instances.stopped_at)))
}

const ofPool = preparedQuery("instances_of_pool", (db) =>
  db
    .select({ id: instances.id, runner: instances.runner, state: instances.state, ready_at: instances.ready_at })
    .from(instances)
    .where(and(eq(instances.pool, sql.placeholder("pool")), isNull(instances.stopped_at))),
)

/** The live instances of a pool, on all runners. */
export const listLiveOfPool = (pool: string): Promise<Pick<Instance, "id" | "runner" | "state" | "ready_at">[]> =>
  ofPool().execute({ pool })

/** The number of instances of a pool that were stopped for being idle since a time. */
export async function countStoppedSince(pool: string, since: string): Promise<number> {
  const [row] = await read()
    .select({ stopped: count() })
    .from(instances)
    .where(and(eq(instances.pool, pool), gt(instances.stopped_at, since), eq(instances.reason, "idle")))
  return row!.stopped
}

/** Live instances of runners that have not reported since a time. */
export async function listLost(since: string): Promise<(LiveInstance & { seen_at: string | null })[]> {
  return read()
    .select({ ...columns, seen_at: runners.seen_at })
    .from(instances)
    .innerJoin(runners, eq(runners.id, instances.runner))
    .where(and(isNull(instances.stopped_at), lt(runners.seen_at, since)))
}

/** The newest instances of a pool, live or ended. */
export async function listInstancesOf(pool: string, limit: number): Promise<Instance[]> {
  return read()
    .select()
    .from(instances)
    .where(eq(instances.pool, pool))
    .orderBy(desc(instances.created_at))
    .limit(limit)
}

/** Live instances of the models of accounts (`,1,2,`), newest first. */
export async function listLiveOfAccounts(sees: string, limit: number) {
  return read()
    .select({
      id: instances.id,
      model: sql<string>`case when ${models.visibility} = 'public' or ${sees} like '%,' || ${models.owner_id} || ',%' then ${owners.username} || '/' || ${models.name} else '' end`,
      version: pools.version,
      state: instances.state,
      hardware: instances.hardware,
      usd_per_second: instances.usd_per_second,
      created_at: instances.created_at,
    })
    .from(instances)
    .innerJoin(pools, eq(pools.key, instances.pool))
    .innerJoin(models, eq(models.id, pools.model_id))
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(
      and(
        isNull(instances.stopped_at),
        sql`${sees} like '%,' || coalesce(${pools.owner_id}, ${models.owner_id}) || ',%'`,
      ),
    )
    .orderBy(desc(instances.created_at))
    .limit(limit)
}

const times = { id: instances.id, created_at: instances.created_at, ready_at: instances.ready_at }
/** When an instance, live or ended, was started and became ready. */
export type InstanceTimes = Pick<Instance, keyof typeof times>

export async function findInstanceTimes(id: string): Promise<InstanceTimes | undefined> {
  const [instance] = await read().select(times).from(instances).where(eq(instances.id, id))
  return instance
}

/** The newest instance of a pool that is not ready yet. */
export async function findBooting(pool: string): Promise<InstanceTimes | undefined> {
  const [instance] = await read()
    .select(times)
    .from(instances)
    .where(
      and(eq(instances.pool, pool), isNull(instances.stopped_at), inArray(instances.state, ["booting", "setting_up"])),
    )
    .orderBy(desc(instances.created_at))
    .limit(1)
  return instance
}

/** An instance, live or ended, with its set-up log. */
export async function findInstance(id: string): Promise<Instance | undefined> {
  const [instance] = await read().select().from(instances).where(eq(instances.id, id))
  return instance
}

/** Deletes up to `limit` instances that stopped before a time, with their set-up logs. Returns their number. */
export async function deleteOldInstances(before: string, limit: number): Promise<number> {
  return write(async (tx) => {
    const old = await tx
      .select({ id: instances.id })
      .from(instances)
      .where(and(lt(instances.stopped_at, before), notExists(unfinishedOn(tx))))
      .limit(limit)
    if (old.length > 0)
      await tx.delete(instances).where(
        inArray(
          instances.id,
          old.map(({ id }) => id),
        ),
      )
    return old.length
  })
}

/** Unfinished predictions of an instance, which may itself have ended. */
const unfinishedOn = (tx: Db) =>
  tx
    .select({ number: predictions.number })
    .from(predictions)
    .where(
      and(
        isNull(predictions.completed_at),
        isNotNull(predictions.instance_id),
        eq(predictions.instance_id, instances.id),
      ),
    )

/** Live instances metered at a price that has changed since. */
export async function listRepriced(): Promise<{ id: string }[]> {
  return read()
    .select({ id: instances.id })
    .from(instances)
    .innerJoin(hardware, eq(hardware.sku, instances.hardware))
    .where(and(isNull(instances.stopped_at), sql`${hardware.usd_per_second} <> ${instances.usd_per_second}`))
}
