import { findWaitingAccounts } from "@/lib/predictions/running"
import type { ReadyTarget, WholePool } from "@/lib/pools/pool"
import { trains } from "@/lib/pools/row"
import { hardwareForRunners } from "./run-order"
import { hub, type TrackedInstance } from "./state"

/** How long a pool waits for the only instance of another one, and for how long that one serves at least. */
const patienceMs = 30_000

/**
 * Makes an instance yield to a pool that has a queue, no instance and no capacity: the newest of the pool with the
 * most, if possible one in whose queue other accounts wait. If none has two, pools take turns: the instance that has
 * served longest yields, after a while. Minimum instances and trainings do not yield.
 */
export async function takeInstance(
  all: TrackedInstance[],
  pool: WholePool,
  hardware: string,
  kept: ReadonlyMap<string, ReadyTarget>,
): Promise<void> {
  const { runners, starved } = hub()
  const since = starved.get(pool.key) ?? Date.now()
  starved.set(pool.key, since)
  for (const { instances } of runners.values())
    for (const { yielding } of instances.values()) if (yielding === pool.key) return

  const isEnough = await comparedWith(hardware)
  const rivals: Rival[] = []
  for (const [key, instances] of Map.groupBy(all, (live) => live.pool)) {
    const held = instances.filter((live) => live.stopping === null && !live.leaving && live.yielding === null)
    const ready = held.filter((live) => live.ready_at !== null && !live.outdated)
    const able = ready.filter((live) => isEnough(live.hardware)).sort((a, b) => (a.ready_at! < b.ready_at! ? 1 : -1))
    if (key === pool.key || trains({ key }) || able.length === 0) continue
    if (ready.length > (kept.get(key)?.instances ?? 0)) rivals.push({ pool: key, held: held.length, newest: able[0]! })
  }
  const most = Math.max(...rivals.map(({ held }) => held))
  const waited = Date.now() - since >= patienceMs
  const candidates = rivals.filter(({ held, newest }) => held === most && (most > 1 || (waited && hasServed(newest))))
  candidates.sort((a, b) => (a.newest.ready_at! < b.newest.ready_at! ? -1 : 1))
  const chosen = candidates.length > 1 ? await firstOfOthers(pool.key, candidates) : candidates[0]
  if (chosen) chosen.newest.yielding = pool.key
}

/** A pool that an instance could be taken from, with the number of its instances and the newest one. */
type Rival = { pool: string; held: number; newest: TrackedInstance }

/** The first in whose queue no account of this pool's queue waits, otherwise the first. */
async function firstOfOthers(pool: string, rivals: Rival[]): Promise<Rival> {
  const accounts = new Set(await findWaitingAccounts(pool))
  for (const rival of rivals) {
    const queue = await findWaitingAccounts(rival.pool)
    if (!queue.some((account) => accounts.has(account))) return rival
  }
  return rivals[0]!
}

/** Whether an instance has been ready for long enough, compared with its boot, that replacing it is not a waste. */
function hasServed({ created_at, ready_at }: TrackedInstance): boolean {
  const ready = Date.parse(ready_at!)
  return Date.now() - ready >= Math.max(patienceMs, 2 * (ready - Date.parse(created_at)))
}

/** Whether an instance of some hardware frees enough for one of `wanted`. */
async function comparedWith(wanted: string): Promise<(sku: string) => boolean> {
  const rows = new Map((await hardwareForRunners()).map((row) => [row.sku, row]))
  const needs = rows.get(wanted)
  return (sku) => {
    const has = rows.get(sku)
    if (sku === wanted || !needs || !has) return sku === wanted
    return needs.gpus === 0 && has.memory_mb >= needs.memory_mb && has.cpus >= needs.cpus
  }
}
