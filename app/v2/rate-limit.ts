import type { FastifyRequest } from "fastify"

import type { Actor } from "@/lib/auth/actor"
import { setting } from "@/lib/settings/setting"
import { problem } from "@/lib/problem"
import type { Limiter } from "@/lib/rate-limits/limiter"
import { networkOf } from "@/lib/rate-limits/network"
import { admitToken } from "@/lib/rate-limits/token"

/**
 * Counts a request towards the rate limit that the registry shares with the API: by token and account, or by network
 * without a valid token. Throws `throttled`.
 */
export async function admit(limiter: Limiter, { headers }: FastifyRequest, actor: Actor | null): Promise<void> {
  const limit = setting(actor ? "RATE_LIMIT_PER_MINUTE" : "ANONYMOUS_RATE_LIMIT_PER_MINUTE")
  if (limit === 0) return
  const { refused, reset } = await (actor
    ? admitToken(limiter, actor, limit)
    : limiter(`address ${networkOf(headers["x-understudy-address"])}`, limit))
  if (refused) throw problem("throttled", `Too many requests. Try again in ${reset} seconds.`, {}, reset)
}
