import { eq, isNotNull } from "drizzle-orm"

import { read, write } from "@/db"
import { instances, pools, usage } from "@/db/schema"
import { fromNow } from "@/lib/clock"

const poolOf = (version: number) => `version:${version}`

export const allUsage = async (version: number) =>
  read()
    .select()
    .from(usage)
    .where(eq(usage.pool, poolOf(version)))

export const allInstances = async (version: number) =>
  read()
    .select()
    .from(instances)
    .where(eq(instances.pool, poolOf(version)))

/** Lets failed set-ups be retried now. */
export const skipWaiting = () =>
  write(async (tx) => {
    await tx
      .update(pools)
      .set({ retry_at: fromNow(-1) })
      .where(isNotNull(pools.retry_at))
  })

/** Makes an instance look as if it had stopped this many days ago. */
export const stopLongAgo = (id: string, days: number) =>
  write(async (tx) => {
    await tx
      .update(instances)
      .set({ state: "stopped", stopped_at: fromNow(-days * 24 * 3600) })
      .where(eq(instances.id, id))
  })
