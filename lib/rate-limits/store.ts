import { lt, sql } from "drizzle-orm"

import { writeStatement } from "@/db"
import { dialect } from "@/db/kit"
import { rate_limits } from "@/db/schema"

/** Whether other servers may count in the same database. */
export const isShared = dialect === "pg"

/**
 * Adds one or more `tries` to the count of `key`; returns the count of the current window and its end. A window that
 * would end after `latest` was started by a clock that has since been set back, and counts as ended.
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

/** Removes one from the count. */
export async function decrementRateLimit(key: string): Promise<void> {
  await writeStatement((tx) =>
    tx
      .update(rate_limits)
      .set({ count: sql`${rate_limits.count} - 1` })
      .where(sql`${rate_limits.key} = ${key} and ${rate_limits.count} > 0`),
  )
}
