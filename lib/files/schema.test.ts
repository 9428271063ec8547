import { expect, test } from "vitest"

import { longNames } from "@/lib/test/long-names"
import { maxCpuMs, spent } from "@/lib/test/cpu"
import { shortName } from "./schema"

test.each(longNames)("a name that is %s is cut to 200 bytes, between signs", (_, name) => {
  const short = shortName(name)
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(200)
  expect(Buffer.byteLength(short)).toBeGreaterThan(190)
  expect(short.isWellFormed()).toBe(true)
})

test("a short name stays, and a long one keeps its ending", () => {
  expect(shortName("größe.tar.gz")).toBe("größe.tar.gz")
  expect(shortName(`${"a".repeat(5_000)}.png`)).toBe(`${"a".repeat(196)}.png`)
})

test("a name of a megabyte is cut at once", async () => {
  expect((await spent(() => shortName("a".repeat(1_000_000)))).ms).toBeLessThan(maxCpuMs)
})
