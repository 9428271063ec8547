import { lt, sql } from "drizzle-orm"

import { writeStatement } from "@/db"
import { dialect } from "@/db/kit"
import { rate_limits } from "@/db/schema"

/** Whether other machines may count in the same database. */
export const isShared = dialect === "pg"

/**
 * One more try under `key`, or `tries`; answers how many there were in the running window, this one included, and when it ends. A window that would
 * end after `latest` was begun by a clock that has been put back since, and is over too.
 */
export async function incrementRateLimit(
  key: string,
  now: string,
  resets_at: string,
  latest: string,
  tries = 1,
): Promise<{ count: number; resets_at: string }> {
  const over = sql`${rate_limits.resets_at} <= ${now} or ${rate_limits.resets_at} > ${latest}`
  const [row] = await writeStatement((tx) =>
    tx
      .insert(rate_limits)
      .values({ key, count: tries, resets_at })
      .onConflictDoUpdate({
        target: rate_limits.key,
        set: {
          count: sql`case when ${over} then excluded.count else ${rate_limits.count} + excluded.count end`,
          resets_at: sql`case when ${over} then excluded.resets_at else ${rate_limits.resets_at} end`,
        },
      })
      .returning({ count: rate_limits.count, resets_at: rate_limits.resets_at }),
  )
  if (row!.count === tries) await writeStatement((tx) => tx.delete(rate_limits).where(lt(rate_limits.resets_at, now)))
  return row!
}

/** Takes one try back, after it turned out to be no guess. */
export async function decrementRateLimit(key: string): Promise<void> {
  await writeStatement((tx) =>
    tx
      .update(rate_limits)
      .set({ count: sql`${rate_limits.count} - 1` })
      .where(sql`${rate_limits.key} = ${key} and ${rate_limits.count} > 0`),
  )
}
