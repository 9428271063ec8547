import { fromNow, now } from "@/lib/clock"
import { problem } from "@/lib/problem"
import { incrementRateLimit, isShared, decrementRateLimit } from "./store"

export { isShared as rateLimitsAreShared }

/**
 * Counts an attempt against a limit that all servers share. Throws `throttled` beyond `limit` until the window of
 * `seconds` ends; `complaint` is the first sentence of its message.
 */
export async function consumeRateLimit(key: string, limit: number, seconds: number, complaint: string): Promise<void> {
  const { count, resets_at } = await incrementRateLimit(key, now(), fromNow(seconds), fromNow(seconds + 60))
  if (count <= limit) return
  const wait = Math.max(1, Math.ceil((Date.parse(resets_at) - Date.now()) / 1000))
  throw problem("throttled", `${complaint} Try again in ${inWords(wait)}.`, {}, wait)
}

/** Adds locally counted requests to the shared count; returns the count and the milliseconds left in the window. */
export async function addToRateLimit(
  key: string,
  tries: number,
  seconds: number,
): Promise<{ count: number; left: number }> {
  const { count, resets_at } = await incrementRateLimit(key, now(), fromNow(seconds), fromNow(seconds + 60), tries)
  return { count, left: Date.parse(resets_at) - Date.now() }
}

/** Uncounts an attempt that proved legitimate. */
export const refundRateLimit = (key: string): Promise<void> => decrementRateLimit(key)

function inWords(seconds: number) {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? "1 minute" : `${minutes} minutes`
}
