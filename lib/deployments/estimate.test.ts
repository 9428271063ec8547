import { expect, test } from "vitest"

import { costOfInstances, inCents, usualCost } from "./estimate"

test("what instances cost is exact, and nothing is told of what is no number", () => {
  expect(costOfInstances("0.000225", "2")).toEqual({ hour: "$1.62", day: "$38.88", month: "$1,182.60" })
  expect(costOfInstances("0.000225", "0")).toEqual({ hour: "$0.00", day: "$0.00", month: "$0.00" })
  expect(costOfInstances("0.000225", "two")).toBeNull()
  expect(costOfInstances(undefined, "2")).toBeNull()
})

test("what it cost lately stands for an hour, a day and a month", () => {
  expect(usualCost("16.8", 168)).toEqual({ hour: "$0.10", day: "$2.40", month: "$73.00" })
  expect(usualCost("0", 168)).toBeNull()
  expect(inCents("0.0001")).toBe("less than $0.01")
})
