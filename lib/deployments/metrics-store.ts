import { and, desc, eq, gt, gte, inArray, isNull, or, sql } from "drizzle-orm"

import { read } from "@/db"
import { beginsWith, spanOf } from "@/db/kit"
import { instances, predictions, usage } from "@/db/schema"
import { poolsOfDeployment } from "./row"

/** The maximum number of predictions and instances that metrics are computed from. */
export const maxRuns = 20_000
export const maxInstances = 5_000

/** The predictions of a deployment since a time, newest first, each with the boot times of its instance. */
export const listRuns = (deployment_id: number, since: string, limit = maxRuns) =>
  read()
    .select({
      status: predictions.status,
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
      state: instances.state,
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
        step: spanOf(usage.started_at, since, step).as("step"),
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
