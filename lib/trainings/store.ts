import { and, eq, isNotNull, isNull } from "drizzle-orm"

import type { Db } from "@/db"
import { instances, predictions } from "@/db/schema"
import { selectPredictions } from "@/lib/predictions/store"
import { sumOf } from "@/lib/usage/ledger"
import { usageOf } from "@/lib/usage/store"
import type { Training } from "./training"

/** A training with a cost limit, and its cost up to a time. */
export type Limited = { training: Training; spent_usd: string; metered_until: string; usd_per_second: string }

/** Running trainings with a cost limit. */
export async function listLimited(db: Db): Promise<Limited[]> {
  const running = await db
    .select({
      number: predictions.number,
      metered_until: instances.metered_until,
      usd_per_second: instances.usd_per_second,
    })
    .from(predictions)
    .innerJoin(instances, eq(instances.id, predictions.instance_id))
    .where(
      and(
        isNull(predictions.completed_at),
        isNotNull(predictions.instance_id),
        isNotNull(predictions.cost_limit_usd),
        isNotNull(predictions.claimed_at),
      ),
    )
  const limited: Limited[] = []
  for (const { number, ...meter } of running) {
    const [training] = await selectPredictions(db).where(eq(predictions.number, number))
    const spent = sumOf((await usageOf(db, number)).map(({ usd }) => usd))
    if (training) limited.push({ training, spent_usd: String(spent), ...meter })
  }
  return limited
}
