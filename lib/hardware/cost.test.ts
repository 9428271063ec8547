import { expect, test } from "vitest"

import { estimateCosts, cents, costFigures } from "./cost"
import { listHardware } from "./hardware"
import { usd } from "./price"

/** 1,200 runs of 2.5 s, 6 cold starts of 45 s with 5 idle minutes each: 3,000 + 270 + 1,800 seconds a day. */
const usage = { runsPerDay: "1200", runSeconds: "2.5", coldStartsPerDay: "6", setupSeconds: "45", idleMinutes: "5" }

// Each row: public a day and a month, private a day and a month, always on a day and a month.
const expected = [
  ["cpu-small", "$0.075", "$2.28", "$0.12675", "$3.86", "$2.16", "$65.70"],
  ["cpu", "$0.30", "$9.13", "$0.507", "$15.42", "$8.64", "$262.80"],
  ["gpu-t4", "$0.675", "$20.53", "$1.14075", "$34.70", "$19.44", "$591.30"],
  ["gpu-a40-small", "$1.725", "$52.47", "$2.91525", "$88.67", "$49.68", "$1,511.10"],
  ["gpu-a40-large", "$2.175", "$66.16", "$3.67575", "$111.80", "$62.64", "$1,905.30"],
  ["gpu-l40s", "$2.925", "$88.97", "$4.94325", "$150.36", "$84.24", "$2,562.30"],
  ["gpu-l40s-2x", "$5.85", "$177.94", "$9.8865", "$300.71", "$168.48", "$5,124.60"],
  ["gpu-l40s-4x", "$11.70", "$355.88", "$19.773", "$601.43", "$336.96", "$10,249.20"],
  ["gpu-l40s-8x", "$23.40", "$711.75", "$39.546", "$1,202.86", "$673.92", "$20,498.40"],
  ["gpu-a100-large", "$4.20", "$127.75", "$7.098", "$215.90", "$120.96", "$3,679.20"],
  ["gpu-a100-large-2x", "$8.40", "$255.50", "$14.196", "$431.80", "$241.92", "$7,358.40"],
  ["gpu-a100-large-4x", "$16.80", "$511.00", "$28.392", "$863.59", "$483.84", "$14,716.80"],
  ["gpu-a100-large-8x", "$33.60", "$1,022.00", "$56.784", "$1,727.18", "$967.68", "$29,433.60"],
  ["gpu-h100", "$4.575", "$139.16", "$7.73175", "$235.17", "$131.76", "$4,007.70"],
  ["gpu-h100-2x", "$9.15", "$278.31", "$15.4635", "$470.35", "$263.52", "$8,015.40"],
  ["gpu-h100-4x", "$18.30", "$556.63", "$30.927", "$940.70", "$527.04", "$16,030.80"],
  ["gpu-h100-8x", "$36.60", "$1,113.25", "$61.854", "$1,881.39", "$1,054.08", "$32,061.60"],
] as const

test.each(expected)("a day and a month on %s", async (sku, ...amounts) => {
  const { usd_per_second } = (await listHardware()).find((row) => row.sku === sku)!
  const { whenPublic, whenPrivate, alwaysOn } = estimateCosts(usd_per_second, usage)
  expect([whenPublic, whenPrivate, alwaysOn].flatMap(({ day, month }) => [usd(day), cents(month)])).toEqual(amounts)
  expect(`${cents(alwaysOn.month)}`).toBe(
    costFigures(usd_per_second, { runSeconds: 1, setupSeconds: 1, idleSeconds: 1 }).alwaysOnPerMonth,
  )
})

// Calculated with integers instead of a library for decimals.
test.each(expected)("the sums for %s are those of whole numbers", async (sku, ...amounts) => {
  const { usd_per_second } = (await listHardware()).find((row) => row.sku === sku)!
  const micros = BigInt(usd_per_second.replace(/^0\./, "").padEnd(6, "0"))
  const inCents = (microsPerDay: bigint) => (microsPerDay * 730n + 120_000n) / 240_000n
  const [whenPublic, whenPrivate, alwaysOn] = [3000n * micros, 5070n * micros, 86_400n * micros].map(inCents)
  const written = (cents: bigint) =>
    `$${(cents / 100n).toLocaleString("en-US")}.${String(cents % 100n).padStart(2, "0")}`
  expect([whenPublic!, whenPrivate!, alwaysOn!].map(written)).toEqual([amounts[1], amounts[3], amounts[5]])
})

test("every row of the catalogue is in the table", async () => {
  expect((await listHardware()).map(({ sku }) => sku).sort()).toEqual(expected.map(([sku]) => sku).sort())
})

test("nobody uses it: public and private cost nothing, always on costs all day", () => {
  const { whenPublic, whenPrivate, alwaysOn } = estimateCosts("0.000225", {
    runsPerDay: "0",
    runSeconds: "10",
    coldStartsPerDay: "0",
    setupSeconds: "60",
    idleMinutes: "5",
  })
  expect([whenPublic, whenPrivate, alwaysOn].map(({ day }) => usd(day))).toEqual(["$0.00", "$0.00", "$19.44"])
})

test("more runs than fit into a day need more instances to be always on", () => {
  const { alwaysOn } = estimateCosts("0.0001", { ...usage, runsPerDay: "100000", runSeconds: "1" })
  expect(alwaysOn.seconds).toMatchObject({ active: expect.anything(), idle: expect.anything() })
  expect(usd(alwaysOn.day)).toBe("$17.28")
})

test.each([
  ["0", "$0.00"],
  ["0.004", "less than $0.01"],
  ["0.005", "less than $0.01"],
  ["0.01", "$0.01"],
  ["0.125", "$0.13"],
  ["1234.5", "$1,234.50"],
])("%s dollars are %s", async (amount, text) => {
  const { default: Big } = await import("big.js")
  expect(cents(Big(amount))).toBe(text)
})
