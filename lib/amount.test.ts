import { expect, test } from "vitest"

import { amountOf } from "./amount"

test("an amount of dollars is read with and without its sign", () => {
  expect(["5", "$5", "$ 0.03", ".5", "$", "", "five", "5€", "1e3", "-1"].map(amountOf)).toEqual([
    5,
    5,
    0.03,
    0.5,
    NaN,
    NaN,
    NaN,
    NaN,
    NaN,
    NaN,
  ])
})
