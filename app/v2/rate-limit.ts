import type { FastifyRequest } from "fastify"

import type { Actor } from "@/lib/auth/actor"
import { setting } from "@/lib/instance/setting"
import { problem } from "@/lib/problem"
import type { Limiter } from "@/lib/rate-limits/limiter"
import { networkOf } from "@/lib/rate-limits/network"

/** Counts a request to the registry with those to the API: by token, or by network without a valid one. Throws `throttled`. */
export async function admit(limiter: Limiter, { headers }: FastifyRequest, actor: Actor | null): Promise<void> {
  const limit = setting(actor ? "RATE_LIMIT_PER_MINUTE" : "ANONYMOUS_RATE_LIMIT_PER_MINUTE")
  if (limit === 0) return
  const key = actor ? `token ${actor.token_id}` : `address ${networkOf(headers["x-understudy-address"])}`
  const { refused, reset } = await limiter(key, limit)
  if (refused) throw problem("throttled", `Too many requests. Try again in ${reset} seconds.`, {}, reset)
}
