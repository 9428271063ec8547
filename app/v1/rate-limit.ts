import type { FastifyReply, FastifyRequest } from "fastify"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { setting } from "@/lib/settings/setting"
import { problem } from "@/lib/problem"
import type { Admission, Limiter } from "@/lib/rate-limits/limiter"
import { networkOf } from "@/lib/rate-limits/network"
import { admitToken } from "@/lib/rate-limits/token"

/**
 * Counts every request by token and account, or by network without a valid token. Throws `throttled` once the limit is
 * used up. Returns a promise only where the limiter does.
 */
export function rateLimiter(limiter: Limiter) {
  return function admit(request: FastifyRequest, reply: FastifyReply, actor: Actor | undefined): Promise<void> | void {
    const kind = request.routeOptions?.config.limit
    const limit = limitOf(actor, kind)
    if (limit === 0) return
    const admission = actor
      ? admitToken(limiter, actor, limit, kind)
      : limiter(`address ${networkOf(request.headers["x-understudy-address"])}`, limit)
    return admission instanceof Promise ? admission.then((one) => answer(reply, one)) : answer(reply, admission)
  }
}

function answer(reply: FastifyReply, { limit, remaining, reset, refused }: Admission) {
  reply.header("ratelimit-limit", limit).header("ratelimit-remaining", remaining).header("ratelimit-reset", reset)
  if (refused) throw problem("throttled", `Request was throttled. Your rate limit resets in ~${reset}s.`, {}, reset)
}

function limitOf(actor: Actor | undefined, kind: "create" | "read" | undefined): number {
  if (!actor) return setting("ANONYMOUS_RATE_LIMIT_PER_MINUTE")
  if (kind === "create") return setting("PREDICTION_RATE_LIMIT_PER_MINUTE")
  return kind === "read" ? env.PREDICTION_READ_RATE_LIMIT_PER_MINUTE : setting("RATE_LIMIT_PER_MINUTE")
}
