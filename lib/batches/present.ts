import { z } from "zod"

import { moment, uri } from "@/lib/shapes"
import type { BatchState } from "./batch"
import type { Batch } from "./store"

/** The batch object of the API. */
export const BatchBody = z
  .object({
    id: z.string(),
    kind: z.enum(["inputs", "trial"]).describe("A trial runs a version on inputs of other versions"),
    model: z.string().describe("owner/name; empty if the model was deleted"),
    version: z.string(),
    status: z
      .enum(["running", "done", "limit", "canceled", "refused"])
      .describe(
        "`limit`: the spending limit was reached. `refused`: the account may no longer run the version, or the token was revoked",
      ),
    total: z.int().describe("The number of inputs"),
    begun: z.int().describe("The number of inputs whose run was created or refused"),
    usd_limit: z.number().nullable(),
    created_at: moment,
    stopped_at: moment.nullable().describe("When it stopped starting runs"),
    urls: z.object({ get: uri, cancel: uri, results: uri, web: uri }),
  })
  .meta({ id: "Batch" })

/** A batch with its progress. */
export const BatchProgressBody = BatchBody.extend({
  runs: z
    .object({
      starting: z.int(),
      processing: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      canceled: z.int(),
      aborted: z.int(),
      refused: z.int().describe("Inputs that were refused, so that there is no prediction"),
    })
    .describe("The number of runs by status"),
  cost_usd: z.number().describe("The cost of its finished runs in US dollars"),
}).meta({ id: "BatchProgress" })

/** The estimate of a batch. */
export const BatchEstimateBody = z
  .object({
    inputs: z.int(),
    usd: z.number().nullable().describe("The cost of all runs, by the median of the last ones; null if unknown"),
    seconds: z.number().nullable().describe("The run time of all runs, one after another; null if unknown"),
  })
  .meta({ id: "BatchEstimate" })

export const presentBatch = (batch: Batch, origin: string): z.infer<typeof BatchBody> => {
  const { id, kind, model, version, stop_reason, total, next, usd_limit, created_at, stopped_at } = batch
  const url = `${origin}/v1/batches/${id}`
  return {
    id,
    kind,
    model,
    version,
    status: stop_reason ?? "running",
    total,
    begun: next,
    usd_limit: usd_limit === null ? null : Number(usd_limit),
    created_at,
    stopped_at,
    urls: { get: url, cancel: `${url}/cancel`, results: `${url}/results`, web: `${origin}/batches/${id}` },
  }
}

const noRuns = { starting: 0, processing: 0, succeeded: 0, failed: 0, canceled: 0, aborted: 0 }

export const presentProgress = (batch: BatchState, origin: string): z.infer<typeof BatchProgressBody> => ({
  ...presentBatch(batch, origin),
  runs: { ...noRuns, ...batch.statuses, refused: batch.refused },
  cost_usd: batch.spent,
})
