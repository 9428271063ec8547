import type { FastifyReply, FastifyRequest } from "fastify"

import { countsAreShared, pooled } from "@/lib/attempts/attempt"
import { networkOf } from "@/lib/attempts/network"
import type { Actor } from "@/lib/auth/actor"
import { setting } from "@/lib/instance/setting"
import { problem } from "@/lib/problem"

const minute = 60_000
/** How often machines that share a database tell each other what they counted: what one of them lets through too much is what comes in this time. */
const pooling = 250
/** Beyond this many at once the oldest are forgotten, so that a flood of addresses cannot fill the memory. */
const mostWindows = 100_000

type Window = { count: number; ends: number; untold: number; telling?: boolean }

/** Adds what was counted here to what all machines counted, soon; should the database not answer, this machine counts by itself. */
function tell(key: string, window: Window) {
  window.untold++
  if (window.telling) return
  window.telling = true
  setTimeout(async () => {
    const told = window.untold
    window.untold = 0
    try {
      const { count, left } = await pooled(`api:${key}`, told, minute / 1000)
      window.count = count + window.untold
      window.ends = performance.now() + left
    } catch {
      // Told with what comes next; nobody is kept waiting for a database that does not answer.
      window.untold += told
      window.telling = false
      return
    }
    window.telling = false
    if (window.untold > 0 && window.ends > performance.now()) {
      window.untold--
      tell(key, window)
    }
  }, pooling).unref()
}

/**
 * Counts every request in a window of a minute that begins with the first one, so that a minute's worth may come in one burst:
 * by its token, or by its address when it has no valid one. Throws `throttled` once the window is used up.
 */
export function rateLimiter({ shared = countsAreShared } = {}) {
  // Kept in the order in which they began, which is the order in which they end.
  const windows = new Map<string, Window>()

  function windowOf(key: string) {
    const now = performance.now()
    const current = windows.get(key)
    if (current && current.ends > now) return current

    windows.delete(key)
    for (const [oldest, { ends }] of windows) {
      if (ends > now && windows.size < mostWindows) break
      windows.delete(oldest)
    }
    const fresh = { count: 0, ends: now + minute, untold: 0 }
    windows.set(key, fresh)
    return fresh
  }

  return function admit(request: FastifyRequest, reply: FastifyReply, actor: Actor | undefined) {
    const limit = setting(actor ? "RATE_LIMIT_PER_MINUTE" : "ANONYMOUS_RATE_LIMIT_PER_MINUTE")
    if (limit === 0) return
    const key = actor ? `token ${actor.token_id}` : `address ${networkOf(request.headers["x-understudy-address"])}`
    const window = windowOf(key)
    window.count++
    if (shared) tell(key, window)
    const reset = Math.max(1, Math.ceil((window.ends - performance.now()) / 1000))
    reply.header("ratelimit-limit", limit).header("ratelimit-remaining", Math.max(0, limit - window.count)).header("ratelimit-reset", reset)
    if (window.count > limit) throw problem("throttled", `Request was throttled. Your rate limit resets in ~${reset}s.`, {}, reset)
  }
}
