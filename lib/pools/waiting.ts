/** Why predictions wait in pools, as far as this process knows. */
const key = Symbol.for("understudy.pools.waiting")
const slot = globalThis as typeof globalThis & { [key]?: Map<string, string> }
const reasons = () => (slot[key] ??= new Map())

/** Why predictions of a pool wait, as a sentence for those who made them; undefined where they only wait for their turn. */
export const waitingReason = (pool: string): string | undefined => reasons().get(pool)

/** Says it, or that nothing is in the way any more. */
export function setWaitingReason(pool: string, reason: string | null): void {
  if (reason === null) reasons().delete(pool)
  else reasons().set(pool, reason)
}

/** Forgets what is in the way of pools in which nothing waits. */
export function keepWaitingReasons(pools: ReadonlySet<string>): void {
  for (const pool of reasons().keys()) if (!pools.has(pool)) reasons().delete(pool)
}
