import { and, eq, isNotNull, isNull } from "drizzle-orm"

import type { Db } from "@/db"
import { instances, predictions } from "@/db/schema"
import { notBeingStored } from "@/lib/predictions/running"
import { sumOf } from "@/lib/usage/ledger"
import { usageOf } from "@/lib/usage/store"

/** A training with a cost limit, and its cost up to a time. */
export type Limited = {
  id: string
  claimed_at: string | null
  cost_limit_usd: string | null
  spent_usd: string
  metered_until: string
  usd_per_second: string
}

/** Running trainings with a cost limit. Read every second: without their inputs and logs, which may be large. */
export async function listLimited(db: Db, at: string): Promise<Limited[]> {
  const running = await db
    .select({
      number: predictions.number,
      id: predictions.id,
      claimed_at: predictions.claimed_at,
      cost_limit_usd: predictions.cost_limit_usd,
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
        notBeingStored(at),
      ),
    )
  return Promise.all(
    running.map(async ({ number, ...limited }) => ({
      ...limited,
      spent_usd: String(sumOf((await usageOf(db, number)).map(({ usd }) => usd))),
    })),
  )
}
