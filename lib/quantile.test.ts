import { expect, test } from "vitest"

import { medianOf, quantileOf } from "./quantile"

test("of an even number of runs, the median lies between the two in the middle", () => {
  expect([medianOf([]), medianOf([3]), medianOf([4, 1]), medianOf([9, 1, 2])]).toEqual([null, 3, 2.5, 2])
})

test("95 of 100 runs are over within the 95th of them", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n)
  expect([quantileOf([], 0.95), quantileOf([7], 0.95), quantileOf([1, 9], 0.95), quantileOf(hundred, 0.95)]).toEqual([
    null,
    7,
    9,
    95,
  ])
})
