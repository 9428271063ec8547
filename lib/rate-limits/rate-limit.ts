import { fromNow, now } from "@/lib/clock"
import { problem } from "@/lib/problem"
import { incrementRateLimit, isShared, decrementRateLimit } from "./store"

export { isShared as rateLimitsAreShared }

/**
 * Counts a try at something that can be guessed or flooded, for every machine of the instance.
 * Throws `throttled` from the `limit + 1`th on until the window of `seconds` is over; `complaint` is its first sentence.
 */
export async function consumeRateLimit(key: string, limit: number, seconds: number, complaint: string): Promise<void> {
  const { count, resets_at } = await incrementRateLimit(key, now(), fromNow(seconds), fromNow(seconds + 60))
  if (count <= limit) return
  const wait = Math.max(1, Math.ceil((Date.parse(resets_at) - Date.now()) / 1000))
  throw problem("throttled", `${complaint} Try again in ${inWords(wait)}.`, {}, wait)
}

/** Adds tries that were counted here to those of all machines; answers how many there are and for how many milliseconds they count. */
export async function addToRateLimit(
  key: string,
  tries: number,
  seconds: number,
): Promise<{ count: number; left: number }> {
  const { count, resets_at } = await incrementRateLimit(key, now(), fromNow(seconds), fromNow(seconds + 60), tries)
  return { count, left: Date.parse(resets_at) - Date.now() }
}

/** Takes a counted try back, once it proved to be the real owner. */
export const refundRateLimit = (key: string): Promise<void> => decrementRateLimit(key)

function inWords(seconds: number) {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? "1 minute" : `${minutes} minutes`
}
