/** Why each pool has to wait, as far as this process knows. */
const key = Symbol.for("understudy.pools.waiting")
const slot = globalThis as typeof globalThis & { [key]?: Map<string, string> }
const reasons = () => (slot[key] ??= new Map())

/** Why predictions of a pool have to wait, as a sentence for users; undefined if they are only queued. */
export const waitingReason = (pool: string): string | undefined => reasons().get(pool)

/** The reason when the machines are full. */
export const busyReason = (hardware: string): string => `Every ${hardware} that the runners offer is busy.`

/** Sets the reason, or clears it. */
export function setWaitingReason(pool: string, reason: string | null): void {
  if (reason === null) reasons().delete(pool)
  else reasons().set(pool, reason)
}

/** Forgets the reasons of all other pools. */
export function clearOtherWaitingReasons(pools: ReadonlySet<string>): void {
  for (const pool of reasons().keys()) if (!pools.has(pool)) reasons().delete(pool)
}
