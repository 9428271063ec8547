import { expect, test } from "vitest"

import { costOfInstances, inCents, typicalCost } from "./estimate"

test("what instances cost is exact, and nothing is told of what is no number", () => {
  expect(costOfInstances("0.000225", "2")).toEqual({ hour: "$1.62", day: "$38.88", month: "$1,182.60" })
  expect(costOfInstances("0.000225", "0")).toEqual({ hour: "$0.00", day: "$0.00", month: "$0.00" })
  expect(costOfInstances("0.000225", "two")).toBeNull()
  expect(costOfInstances(undefined, "2")).toBeNull()
})

test("amounts are in cents", () => {
  expect(inCents("0.0001")).toBe("less than $0.01")
})

test("typical is the average of the last seven days, and neither less than the floor nor more than the ceiling", () => {
  const price = "0.000225"
  const seconds = 7 * 24 * 3600 * 0.5
  expect(typicalCost(price, ["0", "3"], { seconds })).toEqual({ hour: "$0.41", day: "$9.72", month: "$295.65" })
  expect(typicalCost(price, ["1", "3"], { seconds })).toEqual(costOfInstances(price, "1"))
  expect(typicalCost(price, ["0", "3"], { seconds: seconds * 20 })).toEqual(costOfInstances(price, "3"))
  expect(typicalCost(price, ["0", "3"], { seconds: 60 })).toEqual({ hour: "< $0.01", day: "< $0.01", month: "$0.06" })
  expect(typicalCost(price, ["0", "many"], { seconds })).toBeNull()
  expect(typicalCost(undefined, ["0", "3"], { seconds })).toBeNull()
})
