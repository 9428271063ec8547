import { expect, test } from "vitest"

import { amountOf } from "./amount"

test("an amount of dollars is read with and without its sign", () => {
  expect(["5", "$5", "$ 0.03", ".5", "12.50", "5.", "1.2.3", "$", "", "five", "5€", "1e3", "-1"].map(amountOf)).toEqual(
    [5, 5, 0.03, 0.5, 12.5, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN],
  )
})

test("what is no amount is found in the time that reading it takes", () => {
  const before = process.cpuUsage()
  expect(amountOf(`${"1".repeat(100_000)}x`)).toBeNaN()
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
})
