import { type Db } from "@/db"
import { pools } from "@/db/schema"
import { now } from "@/lib/clock"
import type { Pool } from "./row"

/** Part of the write that makes the first prediction of a pool. Whoever is second changes nothing. */
export async function insertPool(
  tx: Db,
  fields: Pick<Pool, "key" | "model_id" | "version" | "hardware"> & Partial<Pool>,
): Promise<void> {
  await tx
    .insert(pools)
    .values({
      min_instances: 0,
      max_instances: 10,
      failures: 0,
      boot_seconds: [],
      run_seconds: [],
      used_at: now(),
      ...fields,
    })
    .onConflictDoNothing()
}
