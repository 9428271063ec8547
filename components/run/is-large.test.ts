import { expect, test } from "vitest"

import { fits } from "@/lib/predictions/fits"
import { isLarge } from "./is-large"

test("code is not written for large values, and not for deeply nested ones, most of which would be blanks", () => {
  const nested = "[".repeat(60) + "]".repeat(60)
  expect(isLarge({ text: "x".repeat(fits.one - 11) })).toBe(false)
  expect(isLarge({ text: "x".repeat(fits.one) })).toBe(true)
  expect(isLarge({ lists: JSON.parse(nested) as unknown })).toBe(false)
  expect(isLarge({ lists: JSON.parse(`[${Array.from({ length: 1000 }, () => nested).join()}]`) as unknown })).toBe(true)
  expect(isLarge(undefined)).toBe(false)
})
