import { expect, test } from "vitest"

import { isOffered, offersOf } from "./offers"

const runner = (engines: string[], ...capacity: { sku: string; total: number; free: number }[]) => ({
  engines,
  capacity,
})

test("what several runners offer adds up, and what none offers is told", () => {
  const offers = offersOf([
    runner(["process"], { sku: "cpu", total: 2, free: 0 }),
    runner(["docker"], { sku: "cpu", total: 3, free: 1 }, { sku: "gpu-t4", total: 1, free: 1 }),
  ])
  expect(offers.hardware.get("cpu")).toEqual({ total: 5, free: 1 })
  expect([offers.images, offers.bundled]).toEqual([true, true])
  expect(["cpu", "gpu-t4", "gpu-h100"].map((sku) => isOffered(offers, sku))).toEqual([true, true, false])
})

test("without any runner, nothing is set apart", () => {
  expect(isOffered(offersOf([]), "gpu-h100")).toBe(true)
})
