import { env } from "@/env"
import { subscribePrediction } from "./channel"
import type { Prediction } from "./row"
import { isOver } from "./status"

/** The default wait in seconds, which every client may rely on. */
const usualWait = 60

/** Seconds that waits last at most once the server stops, which cuts requests after twenty (server/drain.mjs). */
const lastWait = 5

/** Ends each wait that is under way. */
const waits = new Set<() => void>()
let stopped = false

/** Ends all waits soon, because the server stops. */
export function endWaits(): void {
  setTimeout(() => {
    stopped = true
    for (const end of waits) end()
  }, lastWait * 1000).unref()
}

/** The wait requested by the header Prefer, in seconds, at most WAIT_LIMIT_SECONDS; null if none. */
export function parsePreferWait(prefer: string | undefined): { seconds: number; applied: string } | null {
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
 * The prediction once it has ended, or its state when the wait times out, `signal` is aborted or the server stops. An
 * unfinished one is reported as `starting`, because clients take any other status for the end.
 */
export async function waitFor(prediction: Prediction, seconds: number, signal?: AbortSignal): Promise<Prediction> {
  let newest = prediction
  if (isOver(newest.status)) return newest
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const stop = await subscribePrediction(prediction.id, (now) => {
    newest = now
    if (isOver(now.status)) resolve()
  })
  const timer = setTimeout(resolve, stopped ? 0 : seconds * 1000)
  waits.add(resolve)
  if (signal?.aborted) resolve()
  signal?.addEventListener("abort", () => resolve(), { once: true })
  await over
  clearTimeout(timer)
  waits.delete(resolve)
  stop?.()
  return asWaitedFor(newest)
}

/** A prediction in a response that waited for its end. */
export const asWaitedFor = (prediction: Prediction): Prediction =>
  isOver(prediction.status) ? prediction : { ...prediction, status: "starting", output: null, started_at: null }
