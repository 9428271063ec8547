import { z } from "zod"

import { fromNow } from "@/lib/clock"
import { uri } from "@/lib/shapes"
import { webhookEvents } from "@/lib/webhooks/schema"

import { statuses } from "./status"

const moment = z.string().transform((text, context) => {
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i.test(text)
    ? Date.parse(text)
    : NaN
  if (Number.isFinite(time)) return new Date(time).toISOString().replace("Z", "000Z")
  context.addIssue({ code: "custom", message: "Enter a date and time in ISO 8601, such as 2026-01-31T00:00:00Z." })
  return z.NEVER
})

/** The filters of a list of predictions. */
export const PredictionFilter = z.object({
  created_after: moment.optional(),
  created_before: moment.optional(),
  source: z.enum(["api", "web"], { error: "A source is api or web." }).optional(),
  status: z.enum(statuses, { error: `A status is one of ${statuses.join(", ")}.` }).optional(),
  model: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/, "Enter a model as owner/name.")
    .optional(),
  version: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "A version's id has 64 hexadecimal digits.")
    .optional(),
  /** The number of the token that created it. */
  token: z.int().optional(),
  /** The minimum cost in US dollars. */
  min_cost: z.number("Enter an amount in US dollars, such as 0.05.").min(0, "A cost is at least 0.").optional(),
  /** Text in its input, case-insensitive. */
  text: z.string().max(200, "Search for at most 200 characters.").optional(),
})
export type PredictionFilter = z.input<typeof PredictionFilter>

const webDays = 14

/** The filters of the API's list, which includes only the last 14 days of predictions from the web, as published. */
export const ApiPredictionFilter = PredictionFilter.transform((filter) => {
  if (filter.source !== "web") return filter
  const oldest = fromNow(-webDays * 24 * 3600)
  return { ...filter, created_after: (filter.created_after ?? "") > oldest ? filter.created_after : oldest }
})

/** The query of the API's list, whose values `ApiPredictionFilter` checks. */
export const ApiPredictionQuery = z.object({
  created_after: z.string().optional().describe("Those created at or after this date and time, in ISO 8601"),
  created_before: z.string().optional().describe("Those created before this date and time, in ISO 8601"),
  source: z.string().optional().describe("`api` or `web`; of `web`, those of the last 14 days"),
  status: z.string().optional().describe("Those in this state"),
  model: z.string().optional().describe("Those of this model, as owner/name"),
  version: z.string().optional().describe("Those of this version"),
})

/** The body of a prediction request. The verb parses it itself, to report all errors in the wording clients know. */
export const NewPrediction = z.object({
  version: z.string().describe("The version to run"),
  input: z.record(z.string(), z.unknown()).describe("The input, as the version's schema requires"),
  webhook: uri.optional().describe("An http(s) URL that receives events"),
  webhook_events_filter: z
    .array(z.enum(webhookEvents))
    .optional()
    .describe("The events it receives; by default `output` and `completed`"),
  lifetime: z.union([z.string(), z.int()]).optional().describe("As the header Cancel-After"),
  stream: z.boolean().optional().describe("Has no effect: predictions that can be streamed have `urls.stream`"),
  webhook_completed: uri.optional().describe("A webhook for `completed` only, for older clients"),
})

export const CreateHeaders = z
  .object({
    prefer: z
      .string()
      .optional()
      .describe("`wait` or `wait=N`: respond when the prediction ends, at the latest after 60 or N seconds"),
    "cancel-after": z
      .string()
      .optional()
      .describe(
        "Cancel the prediction if it has not ended after this time, such as `30s`, `5m` or `1h30m`; at least 5 seconds",
      ),
  })
  .loose()

export const KeepPredictionInput = z.object({ kept: z.boolean({ error: "Say true or false." }) })

const id = z.string({ error: "Name the prediction by its id." })

export const AddExampleInput = z.object({
  prediction: id.describe("The id of a prediction of this model that succeeded"),
})

export const ArrangeExamplesInput = z.object({
  order: z
    .array(id, { error: "Name the predictions by their ids." })
    .optional()
    .describe("Example IDs in the new order; examples that are not listed follow"),
  default: id.optional().describe("The ID of the default example"),
})
