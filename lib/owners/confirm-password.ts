import { consumeRateLimit, refundRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Actor } from "@/lib/auth/actor"
import { problem } from "@/lib/problem"
import { getAccount } from "./owner"
import { passwordMatches } from "./password"

/**
 * Lets on only who knows the actor's password, because a browser that was left open does not. Throws `invalid` at the field for a wrong
 * one, `throttled` for too many. An account that has no password, because it signs in by other means, is not asked.
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
