import { lt, sql } from "drizzle-orm"

import { writeStatement } from "@/db"
import { dialect } from "@/db/kit"
import { attempts } from "@/db/schema"

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
  const over = sql`${attempts.resets_at} <= ${now} or ${attempts.resets_at} > ${latest}`
  const [row] = await writeStatement((tx) =>
    tx
      .insert(attempts)
      .values({ key, count: tries, resets_at })
      .onConflictDoUpdate({
        target: attempts.key,
        set: {
          count: sql`case when ${over} then excluded.count else ${attempts.count} + excluded.count end`,
          resets_at: sql`case when ${over} then excluded.resets_at else ${attempts.resets_at} end`,
        },
      })
      .returning({ count: attempts.count, resets_at: attempts.resets_at }),
  )
  if (row!.count === tries) await writeStatement((tx) => tx.delete(attempts).where(lt(attempts.resets_at, now)))
  return row!
}

/** Takes one try back, after it turned out to be no guess. */
export async function decrementRateLimit(key: string): Promise<void> {
  await writeStatement((tx) =>
    tx
      .update(attempts)
      .set({ count: sql`${attempts.count} - 1` })
      .where(sql`${attempts.key} = ${key} and ${attempts.count} > 0`),
  )
}
