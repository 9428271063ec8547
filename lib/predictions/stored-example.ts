import type { StoredExample } from "@/db/schema"
import { shownInput } from "./present"
import type { Prediction } from "./row"

/** The maximum size of an example's input and output, which everybody downloads with the JSON of its model. */
export const maxExampleBytes = 256 * 1024

/** The end of its logs that is stored with the model, in characters. */
const maxLogs = 16 * 1024

export const isLargeExample = ({ input, output }: Pick<Prediction, "input" | "output">): boolean =>
  Buffer.byteLength(JSON.stringify([input, output])) > maxExampleBytes

/**
 * The default example as stored with its model: without URLs, which depend on the request, and the model's name, which
 * may change. Null for a large one, which older versions accepted.
 */
export const toStoredExample = (prediction: Prediction): StoredExample | null =>
  isLargeExample(prediction)
    ? null
    : {
        id: prediction.id,
        version: prediction.version,
        input: shownInput(prediction),
        logs: prediction.logs.slice(-maxLogs).toWellFormed(),
        output: prediction.output ?? null,
        data_removed: prediction.data_removed,
        error: prediction.error,
        source: prediction.source,
        status: "succeeded",
        created_at: prediction.created_at,
        ...(prediction.started_at && { started_at: prediction.started_at }),
        ...(prediction.completed_at && { completed_at: prediction.completed_at }),
        ...(prediction.metrics && { metrics: prediction.metrics }),
      }
