import { expect, test } from "vitest"

import { summaryOf } from "./trial-summary"

const run = (status: string | null, seconds: number, base_status = "succeeded", base_seconds = 1) =>
  ({
    status,
    refusal: null,
    metrics: { predict_time: seconds, cost_usd: seconds / 10 },
    base: "one",
    base_status,
    base_metrics: { predict_time: base_seconds },
  }) as Parameters<typeof summaryOf>[0][number]

test("a trial is summed up by how many failed, and by the median of those that succeeded on both sides", () => {
  const refused = { ...run(null, 0), refusal: "text is required" }
  const runs = [
    run("succeeded", 2),
    run("succeeded", 4, "succeeded", 3),
    run("succeeded", 90, "failed", 80),
    run("failed", 50),
  ]
  expect(summaryOf([...runs, refused, run("processing", 9), run(null, 9)])).toEqual({
    pairs: 5,
    before: { failed: 1, seconds: 2, usd: null },
    now: { failed: 2, seconds: 3, usd: expect.closeTo(0.3) },
  })
})

test("a trial that has just begun comes to nothing yet", () => {
  const nothing = { failed: 0, seconds: null, usd: null }
  expect(summaryOf([run("starting", 0)])).toEqual({ pairs: 0, before: nothing, now: nothing })
})
