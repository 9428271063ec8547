import { expect, test, vi } from "vitest"

import { writtenSchema } from "./written-schema"

test("a schema is indented with its numbers as they were written", () => {
  expect(writtenSchema('{"minimum":1.0,"maximum":18446744073709551616}')).toBe(
    '{\n  "minimum": 1.0,\n  "maximum": 18446744073709551616\n}',
  )
})

test("a deeply nested schema is not indented, which is known before it is", () => {
  const levels = "[".repeat(64) + "]".repeat(64)
  const schema = `[${Array.from({ length: 2000 }, () => levels).join()}]`
  const stringify = vi.spyOn(JSON, "stringify")
  expect(writtenSchema(schema)).toBe(schema)
  expect(stringify).not.toHaveBeenCalled()
  stringify.mockRestore()
})
