import { expect, test } from "vitest"

import { beginningOf, longest } from "./beginning"

test("a page shows the beginning of a long output, and no half of a character", () => {
  expect(beginningOf("short")).toBe("short")
  expect(beginningOf("x".repeat(longest))).toHaveLength(longest)
  expect(beginningOf("x".repeat(longest + 1))).toHaveLength(longest)
  expect(beginningOf(`${"x".repeat(longest - 1)}💥`)).toBe("x".repeat(longest - 1))
})
