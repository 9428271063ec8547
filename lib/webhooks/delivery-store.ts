import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, lte, ne, not, notInArray, or, sql } from "drizzle-orm"

import { preparedQuery, read, write, writeStatement, type Db } from "@/db"
import { alias } from "@/db/kit"
import { deliveries, predictions } from "@/db/schema"
import type { Cursor } from "@/lib/page"

export type Delivery = typeof deliveries.$inferSelect
export type ListedDelivery = Omit<Delivery, "body"> & { sendable: boolean; prediction_id: string | null }

/** Intermediate events, of which only the newest is worth sending. */
const between = inArray(deliveries.event, ["output", "logs"])

export async function insertDelivery(tx: Db, delivery: Delivery): Promise<void> {
  await tx.insert(deliveries).values(delivery)
}

/** Replaces a prediction's pending intermediate delivery; false if none is pending. */
export async function replacePendingIntermediate(
  tx: Db,
  prediction: number,
  fields: Pick<Delivery, "event" | "body">,
  now: string,
): Promise<boolean> {
  const replaced = await tx
    .update(deliveries)
    .set(fields)
    .where(
      and(
        eq(deliveries.prediction, prediction),
        between,
        isNotNull(deliveries.next_attempt_at),
        or(isNull(deliveries.leased_until), lt(deliveries.leased_until, now)),
      ),
    )
    .returning({ id: deliveries.id })
  return replaced.length > 0
}

/** When the last intermediate delivery was, or is, due. */
export async function lastIntermediateDue(tx: Db, prediction: number): Promise<string | undefined> {
  const [last] = await tx
    .select({ at: sql<string>`coalesce(${deliveries.attempted_at}, ${deliveries.next_attempt_at})` })
    .from(deliveries)
    .where(and(eq(deliveries.prediction, prediction), between))
    .orderBy(desc(deliveries.created_at))
    .limit(1)
  return last?.at ?? undefined
}

/** Deletes pending intermediate deliveries: the final one includes everything. */
export async function deletePendingIntermediate(tx: Db, prediction: number, now: string): Promise<void> {
  await tx
    .delete(deliveries)
    .where(
      and(
        eq(deliveries.prediction, prediction),
        between,
        isNotNull(deliveries.next_attempt_at),
        or(isNull(deliveries.leased_until), lt(deliveries.leased_until, now)),
      ),
    )
}

/** Removes the payloads of predictions' deliveries and cancels pending ones, because their data is removed. */
export async function eraseBodies(tx: Db, numbers: number[], error: string): Promise<void> {
  if (numbers.length === 0) return
  const theirs = inArray(deliveries.prediction, numbers)
  await tx
    .update(deliveries)
    .set({ next_attempt_at: null, error })
    .where(and(theirs, isNotNull(deliveries.next_attempt_at)))
  await tx
    .update(deliveries)
    .set({ body: null })
    .where(and(theirs, isNotNull(deliveries.body)))
}

type Due = Pick<Delivery, "id" | "owner_id" | "prediction" | "host">

const other = alias(deliveries, "other")

/**
 * Due deliveries, oldest first, except for hosts and accounts at their limit and predictions with a delivery in
 * progress. Intermediate ones wait while another was attempted after `pausedSince`.
 */
export async function listDue(
  now: string,
  { hosts, owners, pausedSince }: { hosts: string[]; owners: number[]; pausedSince: string },
  limit: number,
): Promise<Due[]> {
  const db = read()
  const underWay = db
    .select({ id: other.id })
    .from(other)
    .where(and(eq(other.prediction, deliveries.prediction), gt(other.leased_until, now)))
  const justTold = db
    .select({ id: other.id })
    .from(other)
    .where(
      and(
        eq(other.prediction, deliveries.prediction),
        inArray(other.event, ["output", "logs"]),
        gt(other.attempted_at, pausedSince),
      ),
    )
  return db
    .select({
      id: deliveries.id,
      owner_id: deliveries.owner_id,
      prediction: deliveries.prediction,
      host: deliveries.host,
    })
    .from(deliveries)
    .where(
      and(
        lte(deliveries.next_attempt_at, now),
        or(isNull(deliveries.leased_until), lt(deliveries.leased_until, now)),
        hosts.length > 0 ? notInArray(deliveries.host, hosts) : undefined,
        owners.length > 0 ? notInArray(deliveries.owner_id, owners) : undefined,
        sql`not exists ${underWay}`,
        or(not(between), sql`not exists ${justTold}`),
      ),
    )
    .orderBy(asc(deliveries.next_attempt_at), asc(deliveries.created_at))
    .limit(limit)
}

/** Leases those of the deliveries that are still due and not leased by another process. */
export async function leaseDeliveries(ids: string[], now: string, leased_until: string): Promise<Delivery[]> {
  return writeStatement(async (tx) =>
    tx
      .update(deliveries)
      .set({ leased_until })
      .where(
        and(
          inArray(deliveries.id, ids),
          lte(deliveries.next_attempt_at, now),
          or(isNull(deliveries.leased_until), lt(deliveries.leased_until, now)),
        ),
      )
      .returning(),
  )
}

/** Records the outcome of an attempt, unless its lease has passed to another process. */
export async function settleDelivery(
  { id, prediction, event, leased_until }: Delivery,
  fields: Partial<Delivery>,
): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(deliveries)
      .set({ leased_until: null, ...fields })
      .where(and(eq(deliveries.id, id), eq(deliveries.leased_until, leased_until!)))
    if ((event === "output" || event === "logs") && fields.attempts !== undefined)
      await tx
        .delete(deliveries)
        .where(
          and(
            eq(deliveries.prediction, prediction!),
            between,
            ne(deliveries.id, id),
            isNull(deliveries.next_attempt_at),
          ),
        )
  })
}

const listed = {
  id: deliveries.id,
  owner_id: deliveries.owner_id,
  prediction: deliveries.prediction,
  prediction_id: predictions.id,
  event: deliveries.event,
  url: deliveries.url,
  host: deliveries.host,
  sendable: sql<boolean>`${deliveries.body} is not null`.mapWith(Boolean),
  attempts: deliveries.attempts,
  next_attempt_at: deliveries.next_attempt_at,
  leased_until: deliveries.leased_until,
  status: deliveries.status,
  error: deliveries.error,
  created_at: deliveries.created_at,
  attempted_at: deliveries.attempted_at,
  delivered_at: deliveries.delivered_at,
}

/** The position of a delivery in a list. */
export const placeOf = ({ created_at, id }: Pick<Delivery, "created_at" | "id">): Cursor["key"] => [
  `${created_at} ${id}`,
  0,
]

/** Up to `limit + 1` deliveries of an account, newest first, from the cursor on and in its direction. */
export async function listDeliveryRows(
  owner_id: number,
  cursor: Cursor | null,
  limit: number,
): Promise<ListedDelivery[]> {
  const [at = "", id = ""] = cursor?.key[0].split(" ") ?? []
  const direction = cursor?.reverse ? asc : desc
  const beyond = sql`(${deliveries.created_at}, ${deliveries.id}) ${sql.raw(cursor?.reverse ? ">" : "<")} (${at}, ${id})`
  return read()
    .select(listed)
    .from(deliveries)
    .leftJoin(predictions, eq(predictions.number, deliveries.prediction))
    .where(and(eq(deliveries.owner_id, owner_id), cursor ? beyond : undefined))
    .orderBy(direction(deliveries.created_at), direction(deliveries.id))
    .limit(limit + 1)
}

const byId = preparedQuery("delivery", (db) =>
  db
    .select(listed)
    .from(deliveries)
    .leftJoin(predictions, eq(predictions.number, deliveries.prediction))
    .where(and(eq(deliveries.id, sql.placeholder("id")), eq(deliveries.owner_id, sql.placeholder("owner_id")))),
)

export async function findDelivery(owner_id: number, id: string): Promise<ListedDelivery | undefined> {
  const [delivery] = await byId().execute({ id, owner_id })
  return delivery
}

/** Schedules a finished delivery again. False if it does not exist, is unfinished or has no payload any more. */
export async function requeueDelivery(tx: Db, owner_id: number, id: string, next_attempt_at: string): Promise<boolean> {
  const queued = await tx
    .update(deliveries)
    .set({ next_attempt_at, status: null, error: null, delivered_at: null })
    .where(
      and(
        eq(deliveries.id, id),
        eq(deliveries.owner_id, owner_id),
        isNull(deliveries.next_attempt_at),
        isNotNull(deliveries.body),
      ),
    )
    .returning({ id: deliveries.id })
  return queued.length > 0
}

/** Deletes up to `limit` deliveries that finished before a time; returns the number. */
export async function deleteOldDeliveries(before: string, limit: number): Promise<number> {
  return write(async (tx) => {
    const old = await tx
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(and(lt(deliveries.created_at, before), isNull(deliveries.next_attempt_at)))
      .limit(limit)
    if (old.length > 0)
      await tx.delete(deliveries).where(
        inArray(
          deliveries.id,
          old.map(({ id }) => id),
        ),
      )
    return old.length
  })
}

/** Run inside the write that disables an account: cancels its pending deliveries. */
export async function endDeliveriesOf(tx: Db, owner_id: number, error: string): Promise<void> {
  await tx
    .update(deliveries)
    .set({ next_attempt_at: null, error })
    .where(and(eq(deliveries.owner_id, owner_id), isNotNull(deliveries.next_attempt_at)))
}

/** Run inside the write that deletes an account. */
export async function deleteDeliveriesOf(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(deliveries).where(eq(deliveries.owner_id, owner_id))
}
