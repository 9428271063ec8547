import { expect, test } from "vitest"

import { observeBoot, observedOf, observeEnd } from "./observed"

test("a deployment that keeps counting keeps its counters, however many others count", () => {
  const count = (id: number) => observeEnd(`deployment:${id}:1`, "succeeded", 1, 2)
  count(1)
  count(2)
  for (let id = 3; id <= 200; id++) count(id)
  count(1)
  observeBoot("deployment:201:1", 3)
  expect(observedOf(1)).toMatchObject({ ended: new Map([["succeeded", 2]]), run: { sum: 4, count: 2 } })
  expect(observedOf(2)).toBeUndefined()
  expect(observedOf(201)).toMatchObject({ boot: { sum: 3, count: 1 } })
})

test("pools without a deployment are not counted", () => {
  observeEnd("model:1", "failed", null, null)
  expect(observedOf(1)?.ended.has("failed")).not.toBe(true)
})
