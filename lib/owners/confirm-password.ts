import { consumeRateLimit, refundRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Actor } from "@/lib/auth/actor"
import { problem } from "@/lib/problem"
import { getAccount } from "./owner"
import { passwordMatches } from "./password"

/**
 * Requires the actor's password, because the browser may have been left open. Throws `invalid` at the field for a
 * wrong one, `throttled` for too many. An account without a password is not asked.
 */
export async function requirePassword(actor: Actor, password: string, field = "password"): Promise<void> {
  const { password_hash } = await getAccount(actor.username)
  if (password_hash === null) return
  const key = `password:${actor.owner_id}`
  await consumeRateLimit(key, 10, 900, "Too many wrong passwords.")
  if (!(await passwordMatches(password, password_hash)))
    throw problem("invalid", "The password is wrong.", { [field]: "The password is wrong." })
  await refundRateLimit(key)
}
