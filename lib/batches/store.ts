import { and, asc, count, desc, eq, gt, inArray, isNotNull, isNull, sql, type SQL } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { alias } from "@/db/kit"
import { batches, batchRuns, models, owners, predictions } from "@/db/schema"
import { now } from "@/lib/clock"
import { nameShownTo } from "@/lib/models/name-store"
import type { Cursor } from "@/lib/page"

type Row = typeof batches.$inferSelect
/** A batch with the name of its model, empty if that was deleted. */
export type Batch = Row & { model: string }

/** An input of a new batch; `base` is the number of the prediction that it comes from in a trial. */
export type NewBatchRun = { input: Record<string, unknown>; base: number | null }

const selectBatches = (db: Db) =>
  db
    .select({
      batch: batches,
      model: nameShownTo(batches.owner_id),
    })
    .from(batches)
    .leftJoin(models, eq(models.id, batches.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))

export async function findBatch(id: string): Promise<Batch | undefined> {
  const [found] = await selectBatches(read()).where(eq(batches.id, id))
  return found && { ...found.batch, model: found.model }
}

/** Up to `limit + 1` batches of an account, in the cursor's direction. */
export async function listBatchRows(owner_id: number, cursor: Cursor | null, limit: number): Promise<Batch[]> {
  const place = sql`(${batches.created_at}, ${batches.number})`
  const after = cursor && sql`(${cursor.key[0]}, ${cursor.key[1]})`
  const order = cursor?.reverse ? asc : desc
  const rows = await selectBatches(read())
    .where(
      and(
        eq(batches.owner_id, owner_id),
        after ? (cursor.reverse ? sql`${place} > ${after}` : sql`${place} < ${after}`) : undefined,
      ),
    )
    .orderBy(order(batches.created_at), order(batches.number))
    .limit(limit + 1)
  return rows.map(({ batch, model }) => ({ ...batch, model }))
}

/** Unfinished batches with numbers above `after`, oldest first. */
export async function listOpen(limit: number, after = 0): Promise<Batch[]> {
  const rows = await selectBatches(read())
    .where(and(isNull(batches.stopped_at), gt(batches.number, after)))
    .orderBy(asc(batches.number))
    .limit(limit)
  return rows.map(({ batch, model }) => ({ ...batch, model }))
}

export async function insertBatch(
  tx: Db,
  fields: Omit<typeof batches.$inferInsert, "number">,
  runs: NewBatchRun[],
): Promise<Row> {
  const [row] = await tx.insert(batches).values(fields).returning()
  for (let at = 0; at < runs.length; at += 100)
    await tx.insert(batchRuns).values(
      runs.slice(at, at + 100).map(({ input, base }, n) => ({
        batch: row!.number,
        place: at + n,
        input,
        base,
        prediction: null,
        refusal: null,
      })),
    )
  return row!
}

/** Claims the next input of a batch. Undefined when another process claimed it, or the batch was stopped. */
export async function claimNext(number: number, place: number): Promise<Record<string, unknown> | undefined> {
  return write(async (tx) => {
    const claimed = await tx
      .update(batches)
      .set({ next: place + 1 })
      .where(and(eq(batches.number, number), eq(batches.next, place), isNull(batches.stopped_at)))
      .returning({ number: batches.number })
    if (claimed.length === 0) return undefined
    const [run] = await tx
      .select({ input: batchRuns.input })
      .from(batchRuns)
      .where(and(eq(batchRuns.batch, number), eq(batchRuns.place, place)))
    return run?.input ?? {}
  })
}

/** Records the prediction or refusal of an input. True if the batch was stopped meanwhile. */
export async function recordRunOutcome(
  number: number,
  place: number,
  fields: Partial<Pick<typeof batchRuns.$inferSelect, "prediction" | "refusal">>,
): Promise<boolean> {
  return write(async (tx) => {
    await tx
      .update(batchRuns)
      .set({ ...fields, input: null })
      .where(and(eq(batchRuns.batch, number), eq(batchRuns.place, place)))
    const [batch] = await tx.select({ stopped_at: batches.stopped_at }).from(batches).where(eq(batches.number, number))
    return batch?.stopped_at !== null
  })
}

/** Returns an input that could not be started yet. */
export async function unclaim(number: number, place: number): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(batches)
      .set({ next: place })
      .where(and(eq(batches.number, number), eq(batches.next, place + 1)))
  })
}

/** Deletes inputs that will not be run any more. */
const forgetInputs = async (db: Db, which: SQL | undefined): Promise<void> => {
  await db
    .update(batchRuns)
    .set({ input: null })
    .where(and(which, isNotNull(batchRuns.input)))
}

/** Stops a batch, within `tx` if given. False if it was already stopped. */
export async function stopRow(number: number, reason: NonNullable<Row["stop_reason"]>, tx?: Db): Promise<boolean> {
  const stop = async (db: Db) => {
    const stopped = await db
      .update(batches)
      .set({ stopped_at: now(), stop_reason: reason })
      .where(and(eq(batches.number, number), isNull(batches.stopped_at)))
      .returning({ number: batches.number })
    if (stopped.length === 0) return false
    await forgetInputs(db, eq(batchRuns.batch, number))
    return true
  }
  return tx ? stop(tx) : write(stop)
}

const baseRun = alias(predictions as never, "base_run") as typeof predictions

/** The runs of a batch in order, from a position, without outputs. */
export async function listRuns(number: number, from: number, limit: number) {
  return read()
    .select({
      place: batchRuns.place,
      refusal: batchRuns.refusal,
      id: predictions.id,
      status: predictions.status,
      metrics: predictions.metrics,
      error: predictions.error,
      base: baseRun.id,
      base_status: baseRun.status,
      base_metrics: baseRun.metrics,
    })
    .from(batchRuns)
    .leftJoin(predictions, eq(predictions.number, batchRuns.prediction))
    .leftJoin(baseRun, eq(baseRun.number, batchRuns.base))
    .where(and(eq(batchRuns.batch, number), sql`${batchRuns.place} >= ${from}`))
    .orderBy(asc(batchRuns.place))
    .limit(limit)
}

/** The batch that a prediction belongs to, and its place there. */
export async function findBatchOfRun(prediction: number) {
  const [found] = await read()
    .select({ id: batches.id, kind: batches.kind, total: batches.total, place: batchRuns.place })
    .from(batchRuns)
    .innerJoin(batches, eq(batches.number, batchRuns.batch))
    .where(eq(batchRuns.prediction, prediction))
    .limit(1)
  return found
}

/** The progress of a batch's runs, and the cost of the finished ones. */
export async function sumRuns(number: number) {
  const rows = await read()
    .select({ status: predictions.status, metrics: predictions.metrics })
    .from(batchRuns)
    .innerJoin(predictions, eq(predictions.number, batchRuns.prediction))
    .where(eq(batchRuns.batch, number))
  const [refused] = await read()
    .select({ runs: count() })
    .from(batchRuns)
    .where(and(eq(batchRuns.batch, number), sql`${batchRuns.refusal} is not null`))
  const statuses: Record<string, number> = {}
  let [spent, paid] = [0, 0]
  for (const { status, metrics } of rows) {
    statuses[status] = (statuses[status] ?? 0) + 1
    if (typeof metrics?.cost_usd !== "number") continue
    spent += metrics.cost_usd
    paid++
  }
  return { statuses, refused: refused!.runs, spent, average: paid === 0 ? null : spent / paid }
}

/** The IDs of the unfinished predictions of a batch. */
export async function listUnfinishedOf(number: number): Promise<string[]> {
  const rows = await read()
    .select({ id: predictions.id })
    .from(batchRuns)
    .innerJoin(predictions, eq(predictions.number, batchRuns.prediction))
    .where(and(eq(batchRuns.batch, number), inArray(predictions.status, ["starting", "processing"])))
  return rows.map(({ id }) => id)
}

/** Stops an account's batches, within the write that disables or deletes it. */
export async function stopBatchesOf(tx: Db, owner_id: number, at: string): Promise<void> {
  await tx
    .update(batches)
    .set({ stopped_at: at, stop_reason: "refused" })
    .where(and(eq(batches.owner_id, owner_id), isNull(batches.stopped_at)))
  const own = tx.select({ number: batches.number }).from(batches).where(eq(batches.owner_id, owner_id))
  await forgetInputs(tx, inArray(batchRuns.batch, own))
}

export async function countOpen(tx: Db, owner_id: number): Promise<number> {
  const [row] = await tx
    .select({ open: count() })
    .from(batches)
    .where(and(eq(batches.owner_id, owner_id), isNull(batches.stopped_at)))
  return row!.open
}

export async function deleteBatchesOf(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(batches).where(eq(batches.owner_id, owner_id))
}
