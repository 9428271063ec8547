import type { Actor } from "@/lib/auth/actor"
import type { Admission, Limiter } from "./limiter"

/** The rate limit of all tokens of an account together, as a multiple of that of one token. */
const accountLimitFactor = 5

/**
 * Counts a request by token, and by account unless the token's limit is used up. Each `kind` has separate limits.
 * Returns a promise only if the limiter does.
 */
export function admitToken(
  limiter: Limiter,
  { token_id, owner_id }: Pick<Actor, "token_id" | "owner_id">,
  limit: number,
  kind = "",
): Admission | Promise<Admission> {
  const suffix = kind && ` ${kind}`
  const byAccount = (token: Admission) => {
    if (token.refused) return token
    const account = limiter(`tokens of ${owner_id}${suffix}`, limit * accountLimitFactor)
    return account instanceof Promise ? account.then((one) => scarcer(token, one)) : scarcer(token, account)
  }
  const token = limiter(`token ${token_id}${suffix}`, limit)
  return token instanceof Promise ? token.then(byAccount) : byAccount(token)
}

const scarcer = (token: Admission, account: Admission): Admission =>
  account.refused || account.remaining < token.remaining ? { ...account, limit: token.limit } : token
