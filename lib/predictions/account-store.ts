import { and, count, eq, isNotNull, isNull } from "drizzle-orm"

import type { Db } from "@/db"
import { predictions } from "@/db/schema"

const unfinished = (owner_id: number) => and(eq(predictions.owner_id, owner_id), isNull(predictions.completed_at))

export async function countUnfinishedIn(db: Db, owner_id: number): Promise<number> {
  const [row] = await db.select({ runs: count() }).from(predictions).where(unfinished(owner_id))
  return row!.runs
}

/**
 * Run inside the write that disables an account: unfinished predictions reach their deadline, so the deadline job ends
 * them.
 */
export async function endPredictionsOf(tx: Db, owner_id: number, at: string): Promise<void> {
  await tx.update(predictions).set({ deadline: at }).where(unfinished(owner_id))
}

/**
 * Run inside the write that deletes an account: data of finished predictions expires now, so the retention job removes
 * it.
 */
export async function expirePredictionsOf(tx: Db, owner_id: number, at: string): Promise<void> {
  await tx
    .update(predictions)
    .set({ kept: false, expires_at: at })
    .where(
      and(eq(predictions.owner_id, owner_id), isNotNull(predictions.completed_at), eq(predictions.data_removed, false)),
    )
}
