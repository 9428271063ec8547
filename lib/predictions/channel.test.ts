import { expect, test } from "vitest"

import { livePrediction, publishPrediction } from "./channel"
import type { Prediction } from "./row"

test("what is said of a prediction after its end is old, and changes nothing", () => {
  const prediction = { id: "0".repeat(26), status: "starting" } as Prediction
  publishPrediction(prediction)
  expect(livePrediction(prediction.id)).toBe(prediction)
  publishPrediction({ ...prediction, status: "canceled" })
  // As a process that claimed it at the same moment may publish.
  publishPrediction(prediction)
  expect(livePrediction(prediction.id)).toBeUndefined()
})
