import { z } from "zod"

import { statuses } from "./status"

const moment = z.string().transform((text, context) => {
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i.test(text)
    ? Date.parse(text)
    : NaN
  if (Number.isFinite(time)) return new Date(time).toISOString().replace("Z", "000Z")
  context.addIssue({ code: "custom", message: "Give a date and time in ISO 8601, such as 2026-01-31T00:00:00Z." })
  return z.NEVER
})

/** What a list of predictions may be narrowed to. */
export const PredictionFilter = z.object({
  created_after: moment.optional(),
  created_before: moment.optional(),
  source: z.enum(["api", "web"], { error: "A source is api or web." }).optional(),
  status: z.enum(statuses, { error: `A status is one of ${statuses.join(", ")}.` }).optional(),
  model: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/, "Name a model as owner/name.")
    .optional(),
  version: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "A version's id has 64 hexadecimal digits.")
    .optional(),
})
export type PredictionFilter = z.input<typeof PredictionFilter>
