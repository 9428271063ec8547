import { and, asc, count, eq, inArray, isNotNull, isNull, lt, or, sql, type SQL } from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, read, writeStatement, type Db } from "@/db"
import { dialect } from "@/db/kit"
import { instances, models, owners, predictions } from "@/db/schema"
import { now } from "@/lib/clock"
import type { Prediction } from "./row"
import { nameOfModel, selectPredictions } from "./store"

const waiting = sql`status = 'starting' and instance_id is null`

const waitingPools = preparedQuery("queue_pools", (db) =>
  db
    .select({ pool: sql<string>`pool` })
    // Jumps from pool to pool through the index, however many predictions each has queued.
    .from(
      sql`(with recursive one(pool) as (
        select min(pool) from predictions where ${waiting}
        union all
        select (select min(pool) from predictions where ${waiting} and pool > one.pool) from one where one.pool is not null
      ) select pool from one where pool is not null) as waiting`,
    ),
)

/** The pools with queued predictions. */
export const findWaitingPools = async (): Promise<string[]> =>
  (await waitingPools().execute({})).map(({ pool }) => pool)

const waitingAccounts = preparedQuery("queue_accounts", (db) =>
  db.select({ owner_id: sql<number>`owner_id` }).from(
    sql`(with recursive one(owner_id) as (
        select min(owner_id) from predictions where pool = ${sql.placeholder("pool")} and ${waiting}
        union all
        select (select min(owner_id) from predictions where pool = ${sql.placeholder("pool")} and ${waiting} and owner_id > one.owner_id)
          from one where one.owner_id is not null
      ) select owner_id from one where owner_id is not null limit 1000) as waiting`,
  ),
)

/** The accounts with queued predictions in a pool. */
export const findWaitingAccounts = async (pool: string): Promise<number[]> =>
  (await waitingAccounts().execute({ pool })).map(({ owner_id }) => Number(owner_id))

/** Counting stops here: larger numbers make no difference. */
const deepest = 10_000

const depth = preparedQuery("queue_depth", (db) =>
  db
    .select({ waiting: sql<number>`count(*)` })
    .from(
      sql`(select 1 from predictions where pool = ${sql.placeholder("pool")} and ${waiting} limit ${deepest}) as counted`,
    ),
)

/** The number of queued predictions in a pool. */
export async function countWaiting(pool: string): Promise<number> {
  const [row] = await depth().execute({ pool })
  return Number(row!.waiting)
}

/** The number of predictions ahead of a queued one in its pool, counted up to `deepest`. */
export async function countAhead(pool: string, created_at: string, number: number): Promise<number> {
  const before = read()
    .select({ number: predictions.number })
    .from(predictions)
    .where(
      and(
        eq(predictions.pool, pool),
        waiting,
        sql`(${predictions.created_at}, ${predictions.number}) < (${created_at}, ${number})`,
      ),
    )
    .limit(deepest)
    .as("before")
  const [row] = await read().select({ ahead: count() }).from(before)
  return Number(row!.ahead)
}

/**
 * Claims up to `most` queued predictions of an account for an instance, oldest first. Concurrent claims get different
 * ones: on PostgreSQL this is one statement outside serializable transactions, which would conflict.
 */
export async function claimPredictions(
  pool: string,
  owner_id: number,
  instance_id: string,
  most: number,
): Promise<Prediction[]> {
  const claimed = await writeStatement((tx) => claimRows(tx).execute({ pool, owner_id, most, instance_id, at: now() }))
  const named = claimed.map(async (row) => {
    const [found] = await modelOf().execute({ number: row.number })
    return { ...row, model: found?.model ?? "" }
  })
  return (await Promise.all(named)).sort((a, b) => a.number - b.number)
}

const claimRows = preparedQueryWithin("queue_claim", (tx) => {
  const next = tx
    .select({ number: predictions.number })
    .from(predictions)
    .where(
      and(
        eq(predictions.pool, sql.placeholder("pool")),
        eq(predictions.owner_id, sql.placeholder("owner_id")),
        waiting,
      ),
    )
    .orderBy(asc(predictions.created_at), asc(predictions.number))
    .limit(sql.placeholder("most"))
  return tx
    .update(predictions)
    .set({
      instance_id: sql`${sql.placeholder("instance_id")}`,
      claimed_at: sql`${sql.placeholder("at")}`,
      begun: true,
    })
    .where(inArray(predictions.number, dialect === "pg" ? sql`(${next} for update skip locked)` : next))
    .returning()
})

const modelOf = preparedQuery("queue_model", (db) =>
  db
    .select({ model: nameOfModel })
    .from(predictions)
    .leftJoin(models, eq(models.id, predictions.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))
    .where(eq(predictions.number, sql.placeholder("number"))),
)

/**
 * Returns an unstarted prediction to its position in the queue. False if it has ended or another instance has claimed
 * it.
 */
export async function requeue(tx: Db, number: number, instance_id: string): Promise<boolean> {
  const back = await tx
    .update(predictions)
    .set({ instance_id: null, claimed_at: null, begun: false, status: "starting", started_at: null })
    .where(
      and(eq(predictions.number, number), eq(predictions.instance_id, instance_id), isNull(predictions.completed_at)),
    )
    .returning({ number: predictions.number })
  return back.length > 0
}

/** The unfinished predictions claimed by these instances, according to the database. */
export async function findRunningOn(instances: string[]): Promise<Prediction[]> {
  if (instances.length === 0) return []
  return selectPredictions(read()).where(
    and(
      inArray(predictions.instance_id, instances),
      isNull(predictions.completed_at),
      isNotNull(predictions.instance_id),
    ),
  )
}

/** Up to `limit` unfinished predictions past their deadline. */
export async function findOverdue(at: string, limit: number): Promise<Prediction[]> {
  return selectPredictions(read())
    .where(
      and(
        isNotNull(predictions.deadline),
        lt(predictions.deadline, at),
        isNull(predictions.completed_at),
        notBeingStored(at),
      ),
    )
    .orderBy(asc(predictions.deadline))
    .limit(limit)
}

/** Up to `limit` queued predictions in a pool. */
export async function findWaiting(pool: string, limit: number): Promise<Prediction[]> {
  return selectPredictions(read())
    .where(and(eq(predictions.pool, pool), waiting))
    .limit(limit)
}

/** Up to `limit` unfinished predictions whose instance no longer exists. */
export async function findOrphans(at: string, limit: number): Promise<Prediction[]> {
  return selectPredictions(read())
    .innerJoin(instances, eq(instances.id, predictions.instance_id))
    .where(
      and(
        isNull(predictions.completed_at),
        isNotNull(predictions.instance_id),
        isNotNull(instances.stopped_at),
        notBeingStored(at),
      ),
    )
    .limit(limit)
}

/** Whether no server stores the version of a training at that time, see `storing_until`. */
export const notBeingStored = (at: string): SQL | undefined =>
  or(isNull(predictions.storing_until), lt(predictions.storing_until, at))

/** Whether a server stores the version of this training. */
export async function isBeingStored(id: string, at: string): Promise<boolean> {
  const [row] = await read()
    .select({ until: predictions.storing_until })
    .from(predictions)
    .where(eq(predictions.id, id))
  return row?.until != null && row.until >= at
}

/** Sets or, with null, clears `storing_until` of an unfinished training. */
export async function setStoringUntil(tx: Db, id: string, storing_until: string | null): Promise<void> {
  await tx
    .update(predictions)
    .set({ storing_until })
    .where(and(eq(predictions.id, id), isNull(predictions.completed_at)))
}
