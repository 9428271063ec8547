import { LRUCache } from "lru-cache"

import { addToRateLimit, rateLimitsAreShared } from "./rate-limit"

const minute = 60_000
/** So that a flood of addresses cannot fill the memory. */
const maxWindows = 100_000

/** `used` and `granted` are this server's; `claimed` is what all servers were granted, as far as this one knows. */
type Window = {
  ends: number
  used: number
  granted: number
  claimed: number
  waiting: number
  claiming?: Promise<void>
}

/** The result of counting a request: the limit per minute, the rest, and the seconds until it resets. */
export type Admission = { limit: number; remaining: number; reset: number; refused: boolean }

/**
 * Counts a request under a key with a limit per minute. Returns a promise only if servers share limits, and then only
 * occasionally.
 */
export type Limiter = (key: string, limit: number) => Admission | Promise<Admission>

/**
 * How much of the limit a server claims at a time when several share it: a second's worth, less towards the end.
 * Unused claims are lost to the others, so that clients may get slightly less than the limit, never more.
 */
function share({ claimed, waiting }: Window, limit: number) {
  const left = limit - claimed
  return Math.max(1, Math.min(Math.floor(limit / 60), Math.ceil(left / 16)), Math.min(waiting, left))
}

/** Claims more of the limit for this server. */
async function claim(key: string, window: Window, limit: number) {
  const wanted = share(window, limit)
  try {
    const { count, left } = await addToRateLimit(`api:${key}`, wanted, minute / 1000)
    window.granted += Math.max(0, Math.min(wanted, limit - (count - wanted)))
    window.claimed = count
    window.ends = performance.now() + left
  } catch {
    // If the database does not respond, this server counts alone until the window ends.
    window.granted += limit - window.claimed
    window.claimed = limit
  }
}

/** Counts in windows of a minute that begin with the first request, so that the limit may be used in one burst. */
export function createLimiter({ shared = rateLimitsAreShared } = {}): Limiter {
  const windows = new LRUCache<string, Window>({ maxSize: maxWindows, sizeCalculation: () => 1 })

  function windowOf(key: string) {
    const now = performance.now()
    const current = windows.get(key)
    if (current && current.ends > now) return current

    const fresh: Window = { ends: now + minute, used: 0, granted: 0, claimed: 0, waiting: 0 }
    windows.set(key, fresh)
    return fresh
  }

  /** Counts a request if this server has claims left; otherwise it has to claim more first. */
  function take(window: Window, limit: number): Admission | undefined {
    const unclaimed = shared ? Math.max(0, limit - window.claimed) : 0
    const here = (shared ? window.granted : limit) - window.used
    if (here <= 0 && unclaimed > 0) return undefined

    window.used++
    return {
      limit,
      remaining: Math.max(0, here - 1) + unclaimed,
      reset: Math.max(1, Math.ceil((window.ends - performance.now()) / 1000)),
      refused: here <= 0,
    }
  }

  async function takeOnceGranted(key: string, limit: number): Promise<Admission> {
    for (;;) {
      const window = windowOf(key)
      const admission = take(window, limit)
      if (admission) return admission
      window.waiting++
      window.claiming ??= claim(key, window, limit).finally(() => {
        window.claiming = undefined
        window.waiting = 0
      })
      await window.claiming
    }
  }

  return (key, limit) => take(windowOf(key), limit) ?? takeOnceGranted(key, limit)
}

const slotKey = Symbol.for("understudy.limiter")
const slot = globalThis as typeof globalThis & { [slotKey]?: Limiter }

/** The limiter of this process, for all entry points. */
export const sharedLimiter = (): Limiter => (slot[slotKey] ??= createLimiter())
