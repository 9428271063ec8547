import { z } from "zod"

import { PredictionBody } from "@/lib/models/prediction-body"
import { presentPrediction } from "@/lib/predictions/present"
import type { Prediction } from "@/lib/predictions/row"
import { outputOf } from "./output"

/** The training object of the API. */
export const TrainingBody = PredictionBody.omit({ deployment: true })
  .extend({
    urls: PredictionBody.shape.urls.omit({ stream: true }),
    destination: z.string().describe("The model that gets the version, as owner/name"),
    output: z
      .looseObject({
        version: z.string().optional().describe("The new version, as owner/name:id"),
        weights: z.string().optional().describe("Where the weights are"),
      })
      .nullable()
      .describe("The output of the training; null until there is any"),
    cost_limit_usd: z.number().optional().describe("It is canceled when its cost reaches this many US dollars"),
  })
  .meta({ id: "Training" })
export type TrainingBody = z.infer<typeof TrainingBody>

/** The training object in webhooks, with the fields that only trainings have. */
export function presentTraining(training: Prediction, origin: string): TrainingBody {
  const { cost_limit_usd, destination } = training
  const { output, deployment: _deployment, ...body } = presentPrediction(training, origin)
  return {
    ...body,
    output: outputOf(output),
    destination: destination ?? "",
    ...(cost_limit_usd !== null && { cost_limit_usd: Number(cost_limit_usd) }),
  }
}
