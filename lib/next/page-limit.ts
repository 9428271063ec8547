import "server-only"

import type { IncomingMessage } from "node:http"

import { setting } from "@/lib/instance/setting"
import { sharedLimiter, type Limiter } from "@/lib/rate-limits/limiter"
import { networkOf } from "@/lib/rate-limits/network"
import { accountOfCookie } from "./session-cookie"

/** A page of cards asks for each of them beforehand, and a household or an office has one address. */
const pagesPerRequest = 5

/**
 * Counts a request for a page, an alternate, a file or what a page fetches: by account for whoever is signed in, by network for visitors.
 * Answers null, or after how many seconds it is worth trying again.
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
