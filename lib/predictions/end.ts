import { write, type Db } from "@/db"
import { env } from "@/env"
import { fromNow, isoFromMicros, microsOf, now } from "@/lib/clock"
import { setting } from "@/lib/instance/setting"
import { publishPrediction, livePrediction } from "./channel"
import { endRow } from "./end-store"
import { presentPrediction } from "./present"
import { noteUnfinished } from "./quota"
import type { Prediction } from "./row"
import { predictionSignals } from "./signals"

/** Opens the transaction that ends a prediction; `writeAs` where somebody asks for it. */
export type Within = <T>(fn: (tx: Db) => Promise<T>) => Promise<T>

/** How a prediction ends: what it gave, where that is known. */
export type Outcome = {
  status: "succeeded" | "failed" | "canceled" | "aborted"
  output?: unknown
  error?: string | null
  logs?: string
  metrics?: Record<string, unknown>
  started_at?: string
}

/**
 * Ends a prediction: writes it down, with the seconds it took and the webhook that is owed, and then tells everybody who watches. Undefined
 * when it was over already, and then nothing changes.
 */
export async function endPrediction(
  prediction: Prediction,
  { status, output, error, logs, metrics, started_at }: Outcome,
  within: Within = write,
): Promise<Prediction | undefined> {
  const known = livePrediction(prediction.id) ?? prediction
  const completed_at = laterOf(now(), known.claimed_at ?? known.created_at)
  const started = started_at ?? known.started_at ?? undefined
  const ending = {
    status,
    completed_at,
    expires_at: expiryOf(known),
    ...(output !== undefined && { output }),
    ...(logs !== undefined && { logs }),
    error: status === "failed" ? error?.trim() || "The model failed without saying why." : errorOf(status, error),
    ...(started && { started_at: started }),
    ...(status === "canceled" && known.instance_id && { cancel_requested_at: completed_at }),
    metrics: timesOf(known, started, completed_at, metrics),
  }
  const ended = await within((tx) => endRow(tx, known, ending, (one) => presentPrediction(one, siteOf(one))))
  if (!ended) return undefined
  noteUnfinished(ended.owner_id, ended.token_id, -1)
  publishPrediction(ended)
  return ended
}

/**
 * Cancels a prediction, with what it gave so far; by its deadline or for a reason, where that is what ends it. The model of one that runs is told to stop. Undefined when it
 * was over already.
 */
export async function cancelNow(
  prediction: Prediction,
  within: Within = write,
  cause: "asked" | "deadline" | { because: string } = "asked",
): Promise<Prediction | undefined> {
  const known = livePrediction(prediction.id) ?? prediction
  const begun = known.status !== "starting"
  const status = cause === "deadline" && !begun && env.DEADLINE_ABORTS === "1" ? "aborted" : "canceled"
  const error = typeof cause === "object" ? cause.because : null
  const ended = await endPrediction(known, { status, output: known.output, logs: known.logs, error }, within)
  if (ended?.instance_id) predictionSignals().publish({ type: "stopped", id: ended.id, instance: ended.instance_id })
  return ended
}

/** One that succeeded has none: clients take any for a failure. One that was cancelled may say why. */
const errorOf = (status: Outcome["status"], error: string | null | undefined) =>
  status === "succeeded" ? null : (error ?? null)

/** Where the instance is reached by who watches through a webhook. */
export const siteOf = ({ site }: Pick<Prediction, "site">): string => site ?? env.PUBLIC_URL ?? ""

/** When the data of a prediction that ends now is removed. */
export function expiryOf({
  source,
  kept,
  operation,
}: Pick<Prediction, "source" | "kept" | "operation">): string | null {
  // Weights are what somebody paid for: they stay until their account deletes them.
  if (operation === "train") return null
  const hours = source === "api" ? setting("API_DATA_HOURS") : setting("WEB_DATA_DAYS") * 24
  return kept || hours === 0 ? null : fromNow(hours * 3600)
}

/** What the model says of its run, beside how long it took by our clock where it does not say. */
function timesOf(
  { created_at }: Prediction,
  started_at: string | undefined,
  completed_at: string,
  metrics: Record<string, unknown> = {},
) {
  const since = (moment: string) => Math.max(0, microsOf(completed_at) - microsOf(moment)) / 1e6
  const told = metrics.predict_time
  const ran = typeof told === "number" && Number.isFinite(told) && told >= 0 ? told : started_at && since(started_at)
  return { ...metrics, ...(typeof ran === "number" && { predict_time: ran }), total_time: since(created_at) }
}

const laterOf = (moment: string, earliest: string) =>
  moment > earliest ? moment : isoFromMicros(microsOf(earliest) + 1)
