import { expect, test } from "vitest"

import { lineInWords, scheduled } from "./schedule"

test("a schedule knows time zones and midnight", () => {
  const line = { days: [5], from: 22 * 60, to: 6 * 60, time_zone: "Europe/Berlin", min_instances: 2 }
  const friday = (time: string) => scheduled([line], new Date(`2026-11-27T${time}:00Z`))
  expect(friday("20:59")).toBe(0)
  expect(friday("21:00")).toBe(2)
  expect(scheduled([line], new Date("2026-11-28T04:59:00Z"))).toBe(2)
  expect(scheduled([line], new Date("2026-11-28T05:00:00Z"))).toBe(0)
  expect(scheduled([line, { ...line, min_instances: 3 }], new Date("2026-11-27T22:00:00Z"))).toBe(3)
})

test.each([
  [[1, 2, 3, 4, 5], "Mon to Fri"],
  [[6, 0], "Sat, Sun"],
  [[0, 1, 2, 3, 4, 5, 6], "Every day"],
  [[1, 3, 5, 6, 0], "Mon, Wed, Fri to Sun"],
])("the days %j are called %s", (days, words) => {
  expect(lineInWords({ days, from: 480, to: 1110, time_zone: "UTC", min_instances: 1 })).toBe(
    `${words}, 08:00 to 18:30 (UTC)`,
  )
})
