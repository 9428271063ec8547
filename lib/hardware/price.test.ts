import Big from "big.js"
import { expect, test } from "vitest"

import { listHardware } from "./hardware"
import { perHour, usd, usdPerHour, usdPerSecond } from "./price"

const prices = [
  ["cpu-small", "$0.000025", "$0.09"],
  ["cpu", "$0.000100", "$0.36"],
  ["gpu-t4", "$0.000225", "$0.81"],
  ["gpu-a40-small", "$0.000575", "$2.07"],
  ["gpu-a40-large", "$0.000725", "$2.61"],
  ["gpu-l40s", "$0.000975", "$3.51"],
  ["gpu-l40s-2x", "$0.001950", "$7.02"],
  ["gpu-l40s-4x", "$0.003900", "$14.04"],
  ["gpu-l40s-8x", "$0.007800", "$28.08"],
  ["gpu-a100-large", "$0.001400", "$5.04"],
  ["gpu-a100-large-2x", "$0.002800", "$10.08"],
  ["gpu-a100-large-4x", "$0.005600", "$20.16"],
  ["gpu-a100-large-8x", "$0.011200", "$40.32"],
  ["gpu-h100", "$0.001525", "$5.49"],
  ["gpu-h100-2x", "$0.003050", "$10.98"],
  ["gpu-h100-4x", "$0.006100", "$21.96"],
  ["gpu-h100-8x", "$0.012200", "$43.92"],
] as const

test.each(prices)("%s costs %s a second, which is %s an hour", async (sku, second, hour) => {
  const row = (await listHardware()).find((row) => row.sku === sku)!
  expect([usdPerSecond(row.usd_per_second), usdPerHour(row.usd_per_second)]).toEqual([second, hour])
})

test("every row of the catalogue has its price in this table", async () => {
  expect((await listHardware()).map((row) => row.sku).sort()).toEqual(prices.map(([sku]) => sku).sort())
})

test.each([
  ["0", "$0.00"],
  ["0.1", "$0.10"],
  ["5.489999999999999", "$5.489999999999999"],
  ["1234567.5", "$1,234,567.50"],
  ["0.0000001", "$0.0000001"],
  ["1e21", "$1,000,000,000,000,000,000,000.00"],
])("%s dollars are written %s", (amount, text) => {
  expect(usd(amount)).toBe(text)
})

test("an hour is exactly 3600 seconds, however long the decimal", () => {
  expect(perHour("0.000000000000000001").eq(Big("0.0000000000000036"))).toBe(true)
})
