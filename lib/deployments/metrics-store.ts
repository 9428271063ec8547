import { and, desc, eq, gt, gte, inArray, isNull, or, sql } from "drizzle-orm"

import { read } from "@/db"
import { beginsWith } from "@/db/kit"
import { instances, predictions, usage } from "@/db/schema"
import { poolsOfDeployment } from "./row"

/** Limit of predictions that are evaluated individually. */
export const maxRuns = 20_000
const maxInstances = 2_000
const maxUsage = 50_000

/** The predictions of a deployment since a time, newest first, with the boot of the instance that ran each. */
export const listRuns = (deployment_id: number, since: string) =>
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
    .limit(maxRuns)

/** The instances of a deployment that were live since a time. */
export const listInstanceTimes = (deployment_id: number, since: string) =>
  read()
    .select({
      created_at: instances.created_at,
      ready_at: instances.ready_at,
      stopped_at: instances.stopped_at,
      state: instances.state,
    })
    .from(instances)
    .where(
      and(
        beginsWith(instances.pool, poolsOfDeployment(deployment_id)),
        or(isNull(instances.stopped_at), gt(instances.stopped_at, since)),
      ),
    )
    .orderBy(desc(instances.created_at))
    .limit(maxInstances)

/** How long a deployment's instances were in each phase since a time, and what that cost. */
export const listAmounts = (owner_id: number, deployment_id: number, since: string) =>
  read()
    .select({ started_at: usage.started_at, phase: usage.phase, microseconds: usage.microseconds, usd: usage.usd })
    .from(usage)
    .where(
      and(
        inArray(
          usage.instance_id,
          read()
            .select({ id: instances.id })
            .from(instances)
            .where(
              and(
                beginsWith(instances.pool, poolsOfDeployment(deployment_id)),
                or(isNull(instances.stopped_at), gt(instances.stopped_at, since)),
              ),
            ),
        ),
        gte(usage.started_at, since),
        // Without the index of accounts: the rows of its instances are fewer than those of the account.
        sql`+${usage.owner_id} = ${owner_id}`,
      ),
    )
    .orderBy(desc(usage.started_at))
    .limit(maxUsage)
