import { write, type Db } from "@/db"
import { env } from "@/env"
import { fromNow, isoFromMicros, microsOf, now } from "@/lib/clock"
import { setting } from "@/lib/settings/setting"
import { observeEnd } from "@/lib/pools/observed"
import { publishPrediction, livePrediction } from "./channel"
import { endRow } from "./end-store"
import { presentPrediction } from "./present"
import { adjustUnfinishedCount } from "./quota"
import type { Prediction } from "./row"
import { predictionSignals } from "./signals"

/** Opens the transaction that ends a prediction; `writeAs` if an actor requests it. */
export type Within = <T>(fn: (tx: Db) => Promise<T>) => Promise<T>

/** The result of a prediction, as far as known. */
export type Outcome = {
  status: "succeeded" | "failed" | "canceled" | "aborted"
  output?: unknown
  error?: string | null
  logs?: string
  metrics?: Record<string, unknown>
  started_at?: string
}

/**
 * Ends a prediction: stores the result with its ledger entry and webhook delivery, then notifies listeners. Idempotent:
 * undefined if it had already ended.
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
    error: status === "failed" ? error?.trim() || "The model failed without an error message." : errorOf(status, error),
    ...(started && { started_at: started }),
    ...(status === "canceled" && known.instance_id && { cancel_requested_at: completed_at }),
    metrics: timesOf(known, started, completed_at, metrics),
  }
  const ended = await within((tx) => endRow(tx, known, ending, (one) => presentPrediction(one, webhookOrigin(one))))
  if (!ended) return undefined
  adjustUnfinishedCount(ended.owner_id, ended.token_id, -1)
  const { created_at, claimed_at } = ended
  observeEnd(
    ended.pool,
    ended.status,
    secondsBetween(created_at, claimed_at),
    secondsBetween(ended.started_at, completed_at),
  )
  publishPrediction(ended)
  return ended
}

/**
 * Cancels a prediction, keeping its output so far; `cause` is a request, the deadline or another reason. A running
 * model is told to stop. Undefined if it had already ended.
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

/** No error if succeeded: clients would take it for a failure. A cancelled prediction may have a reason. */
const errorOf = (status: Outcome["status"], error: string | null | undefined) =>
  status === "succeeded" ? null : (error ?? null)

/** The origin of this installation in webhook payloads. */
export const webhookOrigin = ({ origin }: Pick<Prediction, "origin">): string => origin ?? env.PUBLIC_URL ?? ""

/** When the data of a prediction that ends now expires. */
export function expiryOf({
  source,
  kept,
  operation,
}: Pick<Prediction, "source" | "kept" | "operation">): string | null {
  // Trained weights are kept until their account deletes them.
  if (operation === "train") return null
  const hours = source === "api" ? setting("API_DATA_HOURS") : setting("WEB_DATA_DAYS") * 24
  return kept || hours === 0 ? null : fromNow(hours * 3600)
}

/** The model's own metrics, with measured times where it reports none. */
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

const secondsBetween = (from: string | null, to: string | null) =>
  from === null || to === null ? null : (microsOf(to) - microsOf(from)) / 1e6

const laterOf = (moment: string, earliest: string) =>
  moment > earliest ? moment : isoFromMicros(microsOf(earliest) + 1)
