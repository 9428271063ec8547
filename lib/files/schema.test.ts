import { expect, test } from "vitest"

import { shortName } from "./schema"

const names = [
  ["long", `${"a".repeat(5_000)}.png`],
  ["multibyte", `${"größe 💥 漢字".repeat(100)}.png`],
  ["of emoji alone", "💥".repeat(1_000)],
  ["of many dots", `${"a.b.".repeat(500)}png`],
  ["of dots alone", ".".repeat(1_000)],
  ["with a long ending", `a.${"b".repeat(1_000)}`],
  ["with a multibyte ending", `${"a".repeat(300)}.${"漢".repeat(15)}`],
] as const

test.each(names)("a name that is %s is cut to 200 bytes, between signs", (_, name) => {
  const short = shortName(name)
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(200)
  expect(Buffer.byteLength(short)).toBeGreaterThan(190)
  expect(short.isWellFormed()).toBe(true)
})

test("a short name stays, and a long one keeps its ending", () => {
  expect(shortName("größe.tar.gz")).toBe("größe.tar.gz")
  expect(shortName(`${"a".repeat(5_000)}.png`)).toBe(`${"a".repeat(196)}.png`)
})

test("a name of a megabyte is cut at once", () => {
  const began = performance.now()
  shortName("a".repeat(1_000_000))
  expect(performance.now() - began).toBeLessThan(1_000)
})
