import type { Db } from "@/db"
import type { Pool } from "./row"
import { insertPool } from "./store"

export type { Pool, WholePool } from "./row"
export {
  changePool,
  markPoolEmptied,
  findOwnPool,
  findPool,
  insertPool,
  listPoolsKeptReady,
  listPools,
  listPoolsWithoutVersion,
  updatePool,
  updatePoolsWithin,
  updatePoolWithin,
  usedSince,
  type ReadyTarget,
} from "./store"

/** Pools known to exist in the table. */
const known = new Set<string>()

/** The statement that creates a pool, for the write that uses it; nothing if the pool is known to exist. */
export function ensurePool(
  pool: Pick<Pool, "key" | "model_id" | "version" | "hardware"> & Partial<Pool>,
): (tx: Db) => Promise<void> {
  return async (tx) => {
    if (known.has(pool.key)) return
    await insertPool(tx, pool)
    // The write may still roll back, so the pool counts as known only after it.
    setImmediate(() => known.add(pool.key))
  }
}
