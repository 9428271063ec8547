import { env } from "@/env"
import { subscribePrediction } from "./channel"
import type { Prediction } from "./row"
import { isOver } from "./status"

/** Seconds that a wait lasts which does not say how long, and that every client may rely on. */
const usualWait = 60

/** How long somebody wants to wait for a prediction, in seconds, by the header Prefer; null when not at all. More than 60 is honoured up to WAIT_LIMIT_SECONDS. */
export function waitOf(prefer: string | undefined): { seconds: number; applied: string } | null {
  for (const preference of prefer?.split(",") ?? []) {
    const [, given] = /^\s*wait(?:\s*=\s*"?(\d{1,6})"?)?\s*(?:;.*)?$/i.exec(preference) ?? []
    const isWait = /^\s*wait\s*(=|;|$)/i.test(preference)
    if (!isWait || given === "0" || (given === undefined && preference.includes("="))) continue
    const seconds = given === undefined ? usualWait : Math.min(Number(given), env.WAIT_LIMIT_SECONDS)
    return { seconds, applied: given === undefined ? "wait" : `wait=${seconds}` }
  }
  return null
}

/**
 * The prediction once it is over, or as it is when the time is. One that is not over by then is said to be starting, whatever the truth: clients take
 * any other status for the end.
 */
export async function waitFor(prediction: Prediction, seconds: number, signal?: AbortSignal): Promise<Prediction> {
  let newest = prediction
  if (isOver(newest.status)) return newest
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const stop = await subscribePrediction(prediction.id, (now) => {
    newest = now
    if (isOver(now.status)) resolve()
  })
  const timer = setTimeout(resolve, seconds * 1000)
  signal?.addEventListener("abort", () => resolve(), { once: true })
  await over
  clearTimeout(timer)
  stop?.()
  return isOver(newest.status) ? newest : { ...newest, status: "starting", output: null, started_at: null }
}
