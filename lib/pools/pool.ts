import type { Db } from "@/db"
import type { Pool } from "./row"
import { insertPool } from "./store"

export type { Pool, WholePool } from "./row"
export {
  changePool,
  emptiedPool,
  findPool,
  insertPool,
  listPools,
  listPoolsOf,
  listPoolsWithoutVersion,
  listWarmPools,
  updatePool,
  updatePoolWithin,
  usedSince,
} from "./store"

/** Pools that this process has seen in the table. */
const known = new Set<string>()

/** What has to be part of the write that uses a pool: it is there then. Nothing, for one that was seen before. */
export function knowPool(
  pool: Pick<Pool, "key" | "model_id" | "version" | "hardware"> & Partial<Pool>,
): (tx: Db) => Promise<void> {
  return async (tx) => {
    if (known.has(pool.key)) return
    await insertPool(tx, pool)
    // Should the write be undone, the next one of this process would miss it; so it is known only from the next turn on.
    setImmediate(() => known.add(pool.key))
  }
}
