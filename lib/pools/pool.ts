import { LRUCache } from "lru-cache"

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

/** Pools known to be in the table. Those used least recently are dropped, because every training has its own. */
const known = new LRUCache<string, true>({ max: 10_000 })

/**
 * The statement that creates a pool, for the write that uses it; nothing if the pool is known to exist. Call
 * `rememberPool` once that write has committed: until then it may be rolled back, or run again.
 */
export function ensurePool(
  pool: Pick<Pool, "key" | "model_id" | "version" | "hardware"> & Partial<Pool>,
): (tx: Db) => Promise<void> {
  return async (tx) => {
    if (!known.has(pool.key)) await insertPool(tx, pool)
  }
}

/** Notes that a pool is in the table, so that later writes need not create it. */
export const rememberPool = (key: string): void => void known.set(key, true)
