import { env } from "@/env"
import type { FastifyReply, FastifyRequest } from "fastify"
import { LRUCache } from "lru-cache"

import { rateLimitsAreShared, addToRateLimit } from "@/lib/rate-limits/rate-limit"
import { networkOf } from "@/lib/rate-limits/network"
import type { Actor } from "@/lib/auth/actor"
import { setting } from "@/lib/instance/setting"
import { problem } from "@/lib/problem"

const minute = 60_000
/** So that a flood of addresses cannot fill the memory. */
const mostWindows = 100_000

/** `used` and `granted` are this server's; `claimed` is what all servers were granted, as far as this one knows. */
type Window = {
  ends: number
  used: number
  granted: number
  claimed: number
  waiting: number
  claiming?: Promise<void>
}

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
    // If the database does not answer, this server counts alone until the window ends.
    window.granted += limit - window.claimed
    window.claimed = limit
  }
}

/**
 * Counts every request in windows of a minute that begin with the first request, by token, or by address without a
 * valid token. Throws `throttled` once the limit is used up. Returns a promise only where servers share limits, and
 * only now and then.
 */
export function rateLimiter({ shared = rateLimitsAreShared } = {}) {
  const windows = new LRUCache<string, Window>({ max: mostWindows })

  function windowOf(key: string) {
    const now = performance.now()
    const current = windows.get(key)
    if (current && current.ends > now) return current

    const fresh: Window = { ends: now + minute, used: 0, granted: 0, claimed: 0, waiting: 0 }
    windows.set(key, fresh)
    return fresh
  }

  /** Counts a request if this server has claims left; false if it has to claim more first. */
  function take(reply: FastifyReply, window: Window, limit: number): boolean {
    const unclaimed = shared ? Math.max(0, limit - window.claimed) : 0
    const here = (shared ? window.granted : limit) - window.used
    if (here <= 0 && unclaimed > 0) return false

    window.used++
    const reset = Math.max(1, Math.ceil((window.ends - performance.now()) / 1000))
    reply
      .header("ratelimit-limit", limit)
      .header("ratelimit-remaining", Math.max(0, here - 1) + unclaimed)
      .header("ratelimit-reset", reset)
    if (here <= 0) throw problem("throttled", `Request was throttled. Your rate limit resets in ~${reset}s.`, {}, reset)
    return true
  }

  async function takeOnceGranted(reply: FastifyReply, key: string, limit: number) {
    for (let window = windowOf(key); !take(reply, window, limit); window = windowOf(key)) {
      window.waiting++
      window.claiming ??= claim(key, window, limit).finally(() => {
        window.claiming = undefined
        window.waiting = 0
      })
      await window.claiming
    }
  }

  return function admit(request: FastifyRequest, reply: FastifyReply, actor: Actor | undefined): Promise<void> | void {
    const kind = request.routeOptions?.config.limit
    const limit = limitOf(actor, kind)
    if (limit === 0) return
    const key = actor
      ? `token ${actor.token_id}${kind ? ` ${kind}` : ""}`
      : `address ${networkOf(request.headers["x-understudy-address"])}`
    if (!take(reply, windowOf(key), limit)) return takeOnceGranted(reply, key, limit)
  }
}

function limitOf(actor: Actor | undefined, kind: "create" | "read" | undefined): number {
  if (!actor) return setting("ANONYMOUS_RATE_LIMIT_PER_MINUTE")
  if (kind === "create") return setting("PREDICTION_RATE_LIMIT_PER_MINUTE")
  return kind === "read" ? env.PREDICTION_READ_RATE_LIMIT_PER_MINUTE : setting("RATE_LIMIT_PER_MINUTE")
}
