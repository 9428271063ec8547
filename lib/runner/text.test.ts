import { expect, test } from "vitest"

import { maxCpuMs, spent } from "@/lib/test/cpu"
import { missingEnd } from "./text"

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `line ${from + n} of the set-up\n`).join("")

test.each([
  ["all of it", "booting\nset up\n", "set up\n", ""],
  ["nothing", "", "set up\n", "set up\n"],
  ["only what came before", "booting\n", "set up\n", "set up\n"],
  ["its beginning", "booting\nloading\n", "loading\nset up\n", "set up\n"],
  ["a part of a line", "booting\nload", "loading\nset up\n", "ing\nset up\n"],
  ["a line that comes again", "step\n", "step\nstep\nset up\n", "step\nset up\n"],
  ["the end of a long beginning", lines(50, 90), lines(0, 100), lines(90, 100)],
])("what is missing from a log of which %s was seen", (_, seen, all, missing) => {
  expect(missingEnd(seen, all)).toBe(missing)
})

test.each([
  ["seen", "a".repeat(64 * 1024), `b${"a".repeat(32 * 1024)}`],
  ["given", `${"a".repeat(64 * 1024)}${"b".repeat(100)}${"a".repeat(100)}`, "a".repeat(1024 * 1024)],
])("logs of one letter cost little: %s", async (_, seen, all) => {
  expect((await spent(() => missingEnd(seen, all))).ms).toBeLessThan(maxCpuMs)
})
