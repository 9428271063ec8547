import "server-only"

import type { IncomingMessage } from "node:http"

import { setting } from "@/lib/settings/setting"
import { sharedLimiter, type Limiter } from "@/lib/rate-limits/limiter"
import { networkOf } from "@/lib/rate-limits/network"
import { accountOfCookie } from "./session-cookie"

/** Pages prefetch every card, and a household or office shares one address. */
const pagesPerRequest = 5

/**
 * Counts a request for a page, an alternate, a file, a picture or a fetch of a page: by account if signed in, otherwise
 * by network. Returns null, or the seconds to wait.
 */
export async function admitPage(
  { headers }: Pick<IncomingMessage, "headers">,
  limiter: Limiter = sharedLimiter(),
): Promise<number | null> {
  const account = headers.cookie === undefined ? null : await accountOfCookie(headers.cookie)
  const limit =
    account === null ? setting("ANONYMOUS_RATE_LIMIT_PER_MINUTE") * pagesPerRequest : setting("RATE_LIMIT_PER_MINUTE")
  if (limit === 0) return null
  const key = account === null ? `pages ${networkOf(headers["x-understudy-address"])}` : `account ${account}`
  const { refused, reset } = await limiter(key, limit)
  return refused ? reset : null
}
