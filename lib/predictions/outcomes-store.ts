import { and, desc, eq, gte, isNotNull } from "drizzle-orm"

import { read } from "@/db"
import { predictions } from "@/db/schema"
import { quantileOf } from "@/lib/quantile"

/** The outcomes of a deployment's predictions in one of its pools since a time. */
export type Outcomes = { ended: number; failed: number; p95_seconds: number | null }

/** The maximum number of predictions in the sample. */
const most = 1000

/** The outcomes of the newest finished predictions created since a time; `ended` excludes cancelled ones. */
export async function outcomesOf(deployment_id: number, pool: string, since: string): Promise<Outcomes> {
  const rows = await read()
    .select({
      status: predictions.status,
      started_at: predictions.started_at,
      completed_at: predictions.completed_at,
    })
    .from(predictions)
    .where(
      and(
        eq(predictions.deployment_id, deployment_id),
        eq(predictions.pool, pool),
        gte(predictions.created_at, since),
        isNotNull(predictions.completed_at),
      ),
    )
    .orderBy(desc(predictions.created_at), desc(predictions.number))
    .limit(most)
  const ended = rows.filter(({ status }) => status === "succeeded" || status === "failed")
  const seconds = ended.flatMap(({ started_at, completed_at }) =>
    started_at === null ? [] : [(Date.parse(completed_at!) - Date.parse(started_at)) / 1000],
  )
  return {
    ended: ended.length,
    failed: ended.filter(({ status }) => status === "failed").length,
    p95_seconds: quantileOf(seconds, 0.95),
  }
}
