import type { KeptExample } from "@/db/schema"
import { shownInput } from "./present"
import type { Prediction } from "./row"

/**
 * The default example as stored with its model: without URLs, which depend on the request, and the model's name, which
 * may change.
 */
export const kept = (prediction: Prediction): KeptExample => ({
  id: prediction.id,
  version: prediction.version,
  input: shownInput(prediction),
  logs: prediction.logs,
  output: prediction.output ?? null,
  data_removed: prediction.data_removed,
  error: prediction.error,
  source: prediction.source,
  status: "succeeded",
  created_at: prediction.created_at,
  ...(prediction.started_at && { started_at: prediction.started_at }),
  ...(prediction.completed_at && { completed_at: prediction.completed_at }),
  ...(prediction.metrics && { metrics: prediction.metrics }),
})
