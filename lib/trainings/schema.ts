import { z } from "zod"

import { NewPrediction } from "@/lib/predictions/schema"

/** The body of a training request. As for predictions, the verb parses it. */
export const NewTraining = NewPrediction.pick({
  input: true,
  webhook: true,
  webhook_events_filter: true,
  lifetime: true,
}).extend({
  destination: z.string().describe("The model that gets the new version, as owner/name. It must exist and be yours"),
  cost_limit_usd: z
    .union([z.number(), z.string()])
    .optional()
    .describe("Cancel it when its cost reaches this many US dollars"),
})

/** The fields in addition to those of predictions. */
export const keysOfTrainings = ["destination", "cost_limit_usd"]
