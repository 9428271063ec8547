import { setImmediate } from "node:timers/promises"
import { and, count, desc, eq, gt, gte, inArray, isNull, lt, or, sql } from "drizzle-orm"

import { preparedQuery, read } from "@/db"
import { beginsWith, timeBucketOf } from "@/db/kit"
import { instances, predictions, usage } from "@/db/schema"
import { poolsOfDeployment } from "./row"

/** The maximum number of predictions and instances whose times are read. */
export const maxRuns = 20_000
export const maxInstances = 5_000

/** The predictions of a deployment since a time, newest first, each with the boot times of its instance. */
export const listRuns = (deployment_id: number, since: string, limit = maxRuns) =>
  read()
    .select({
      created_at: predictions.created_at,
      claimed_at: predictions.claimed_at,
      started_at: predictions.started_at,
      completed_at: predictions.completed_at,
      booted_from: instances.created_at,
      booted_until: instances.ready_at,
    })
    .from(predictions)
    .leftJoin(instances, eq(instances.id, predictions.instance_id))
    .where(and(eq(predictions.deployment_id, deployment_id), gte(predictions.created_at, since)))
    .orderBy(desc(predictions.created_at), desc(predictions.number))
    .limit(limit)

const within = and(
  eq(predictions.deployment_id, sql.placeholder("deployment_id")),
  gte(predictions.created_at, sql.placeholder("from")),
  lt(predictions.created_at, sql.placeholder("to")),
)
const requestsWithin = preparedQuery("deployment_requests", (db) =>
  db.select({ count: count() }).from(predictions).where(within),
)
// Text, not a parameter, so that the database can use the index on failed predictions.
const failedWithin = preparedQuery("deployment_failures", (db) =>
  db
    .select({ count: count() })
    .from(predictions)
    .where(and(within, sql`status = 'failed'`)),
)

/**
 * The numbers of predictions of a deployment, and of failed ones, between each two consecutive times. One range of an
 * index each, because computing the step of every prediction takes ten times as long; others get their turn in between.
 */
export async function countRequests(
  deployment_id: number,
  times: string[],
): Promise<{ requests: number; failed: number }[]> {
  const counts = []
  for (const [n, from] of times.slice(0, -1).entries()) {
    const range = { deployment_id, from, to: times[n + 1] }
    const [[all], [failed]] = await Promise.all([requestsWithin().execute(range), failedWithin().execute(range)])
    counts.push({ requests: all!.count, failed: failed!.count })
    await setImmediate()
  }
  return counts
}

/** The number of instances of a deployment that were started since a time, by step. */
export const countStarts = (deployment_id: number, since: string, step: number) =>
  read()
    .select({ step: timeBucketOf(instances.created_at, since, step).as("step"), count: count() })
    .from(instances)
    .where(and(beginsWith(instances.pool, poolsOfDeployment(deployment_id)), gte(instances.created_at, since)))
    .groupBy(sql`1`)

const liveSince = (deployment_id: number, since: string) =>
  and(
    beginsWith(instances.pool, poolsOfDeployment(deployment_id)),
    or(isNull(instances.stopped_at), gt(instances.stopped_at, since)),
  )

/** The instances of a deployment that were live since a time: live ones first, then the last stopped. */
export const listInstanceTimes = (deployment_id: number, since: string, limit = maxInstances) =>
  read()
    .select({
      created_at: instances.created_at,
      ready_at: instances.ready_at,
      stopped_at: instances.stopped_at,
    })
    .from(instances)
    .where(liveSince(deployment_id, since))
    .orderBy(desc(sql`coalesce(${instances.stopped_at}, '9')`))
    .limit(limit)

/**
 * The time that a deployment's instances spent in each phase, by step and price. Summed by the database, because the
 * ledger can have a row for every prediction.
 */
export function listAmounts(owner_id: number, deployment_id: number, since: string, step: number) {
  const own = read().select({ id: instances.id }).from(instances).where(liveSince(deployment_id, since))
  return (
    read()
      .select({
        step: timeBucketOf(usage.started_at, since, step).as("step"),
        phase: usage.phase,
        usd_per_second: usage.usd_per_second,
        microseconds: sql<number>`sum(${usage.microseconds})`.mapWith(Number),
      })
      .from(usage)
      // The unary plus prevents use of the index on accounts: the one on instances finds fewer rows.
      .where(and(inArray(usage.instance_id, own), gte(usage.started_at, since), sql`+${usage.owner_id} = ${owner_id}`))
      .groupBy(sql`1`, usage.phase, usage.usd_per_second)
  )
}
