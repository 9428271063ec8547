import { withPublicUrls } from "@/lib/files/address"
import type { PredictionBody } from "@/lib/models/prediction-body"
import { waitingReason } from "@/lib/pools/waiting"
import type { Prediction } from "./row"
import { isOver } from "./status"
import { streamSecretOf } from "./stream-address"

/** Replaces secrets wherever an input is shown. */
export const hiddenSecret = "**********"

/** The prediction object of the API, webhooks and pages. `origin` is that of this installation. */
export function presentPrediction(prediction: Prediction, origin: string): PredictionBody {
  const { id, model, version, output, error, status, logs, source, data_removed, metrics } = prediction
  const { operation, destination } = prediction
  const { created_at, started_at, completed_at, deadline, webhook, webhook_events_filter, streams, deployment } =
    prediction
  const waiting = status === "starting" ? waitingReason(prediction.pool) : undefined
  return {
    id,
    model,
    version,
    input: withPublicUrls(shownInput(prediction), origin) as Record<string, unknown>,
    logs,
    output: withPublicUrls(isStillEmpty(prediction) ? null : (output ?? null), origin),
    data_removed,
    error,
    source,
    status,
    ...(waiting && { status_detail: waiting }),
    created_at,
    ...(started_at && { started_at }),
    ...(completed_at && { completed_at }),
    ...(deadline && { deadline }),
    ...(destination !== null && { destination }),
    ...(deployment && { deployment }),
    ...(metrics && { metrics }),
    ...(webhook && { webhook }),
    ...(webhook && webhook_events_filter && { webhook_events_filter }),
    urls: {
      get: `${origin}/v1/${pathOf[operation]}/${id}`,
      cancel: `${origin}/v1/${pathOf[operation]}/${id}/cancel`,
      web: origin + webPath(prediction),
      ...(streams && { stream: origin + streamPath(streams, id) }),
    },
  }
}

/** Null until there is output: some clients take any other value, even an empty list, for the complete output. */
const isStillEmpty = ({ status, output }: Prediction) => !isOver(status) && Array.isArray(output) && output.length === 0

const pathOf = { predict: "predictions", train: "trainings" }

/** The URL of a run's page. */
export const webPath = ({ id, operation }: Pick<Prediction, "id" | "operation">): string =>
  operation === "train" ? `/trainings/${id}` : `/p/${id}`

/** Official clients treat URLs below /v1/files/ as files, and all others as text. */
const streamPath = (streams: "text" | "files", id: string) =>
  streams === "files" ? `/v1/files/${streamSecretOf(id)}/stream` : `/v1/streams/${streamSecretOf(id)}`

/** The input without secrets. */
export function shownInput({ input, secrets }: Pick<Prediction, "input" | "secrets">): Record<string, unknown> {
  if (!input || !secrets) return input ?? {}
  return { ...input, ...Object.fromEntries(secrets.map((name) => [name, hiddenSecret])) }
}
