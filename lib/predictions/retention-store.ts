import { and, inArray, isNotNull, lt, sql } from "drizzle-orm"

import { read, type Db } from "@/db"
import { predictions } from "@/db/schema"

/** Up to `limit` predictions whose data has expired. */
export async function findExpired(now: string, limit: number): Promise<number[]> {
  const rows = await read()
    .select({ number: predictions.number })
    .from(predictions)
    .where(
      and(
        isNotNull(predictions.expires_at),
        isNotNull(predictions.completed_at),
        sql`not ${predictions.data_removed}`,
        lt(predictions.expires_at, now),
      ),
    )
    .orderBy(predictions.expires_at)
    .limit(limit)
  return rows.map(({ number }) => number)
}

/** Clears the data of finished predictions. */
export async function eraseRows(tx: Db, numbers: number[]): Promise<void> {
  await tx
    .update(predictions)
    .set({ input: null, output: null, logs: "", secrets: null, expires_at: null, kept: false, data_removed: true })
    .where(and(inArray(predictions.number, numbers), isNotNull(predictions.completed_at)))
}
