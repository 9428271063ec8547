import { expect, test } from "vitest"

import { jsonText } from "./json-text"

test("JSON is indented, unless it is nested so deeply that blanks would be most of it", () => {
  expect(jsonText({ a: [1n] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}')
  const nested = `[${Array.from({ length: 1000 }, () => "[".repeat(99) + "]".repeat(99)).join()}]`
  expect(jsonText(JSON.parse(nested), 2)).toBe(nested)
})
