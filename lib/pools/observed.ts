import { LRUCache } from "lru-cache"

/** Upper bounds of the buckets of durations, in seconds. */
export const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]
/** The maximum number of deployments with counters; those that counted least recently are dropped. */
const most = 200

export type Histogram = { buckets: number[]; sum: number; count: number }

/** What this process has counted for a deployment since it started. */
export type Observed = {
  /** Predictions that ended here, by status. */
  ended: Map<string, number>
  queue: Histogram
  boot: Histogram
  run: Histogram
  failedBoots: number
}

const key = Symbol.for("understudy.pools.observed")
const slot = globalThis as typeof globalThis & { [key]?: LRUCache<number, Observed> }
const all = (): LRUCache<number, Observed> => (slot[key] ??= new LRUCache({ max: most }))

/** The counters of a deployment by its ID; undefined if this process has counted nothing for it. */
export const observedOf = (deployment_id: number): Observed | undefined => all().peek(deployment_id)

/** Counts a prediction that ended in this process, if it was one of a deployment. Durations are in seconds. */
export function observeEnd(pool: string, status: string, queued: number | null, ran: number | null): void {
  const observed = of(pool)
  if (!observed) return
  observed.ended.set(status, (observed.ended.get(status) ?? 0) + 1)
  if (queued !== null) add(observed.queue, queued)
  if (ran !== null) add(observed.run, ran)
}

/** Counts a boot; null for one that failed. */
export function observeBoot(pool: string, seconds: number | null): void {
  const observed = of(pool)
  if (!observed) return
  if (seconds === null) observed.failedBoots++
  else add(observed.boot, seconds)
}

function of(pool: string): Observed | undefined {
  const [, id] = /^deployment:(\d+):/.exec(pool) ?? []
  if (id === undefined) return undefined
  const known = all().get(Number(id))
  if (known) return known
  const fresh = { ended: new Map(), queue: histogram(), boot: histogram(), run: histogram(), failedBoots: 0 }
  all().set(Number(id), fresh)
  return fresh
}

const histogram = (): Histogram => ({ buckets: bounds.map(() => 0), sum: 0, count: 0 })

function add(to: Histogram, value: number) {
  const seconds = Math.max(0, value)
  const bucket = bounds.findIndex((bound) => seconds <= bound)
  if (bucket >= 0) to.buckets[bucket]!++
  to.sum += seconds
  to.count++
}
