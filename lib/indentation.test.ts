import { expect, test } from "vitest"

import { indentedLength, isTooNested } from "./indentation"

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels)

test.each([
  [[]],
  [{}],
  [1],
  ['a "b", [c] \\ {d}:'],
  [{ a: [1, 2, { b: [] }], "c:,": {}, d: [[[["\\"]]]] }],
  [[{}, [], [[]], { a: { b: { c: null } } }]],
])("of %j", (value) => {
  expect(indentedLength(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2).length)
})

test("what is nested too deeply is found before it is written", () => {
  expect(isTooNested(nested(100))).toBe(false)
  expect(isTooNested(nested(3000))).toBe(true)
  expect(isTooNested(JSON.stringify(Array.from({ length: 100_000 }, (_, n) => n)))).toBe(false)
  expect(indentedLength(nested(3000))).toBe(JSON.stringify(JSON.parse(nested(3000)), null, 2).length)
})
