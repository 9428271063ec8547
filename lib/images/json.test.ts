import { expect, test } from "vitest"

import { readObject } from "./json"

test("an object is read, whatever stands in its texts", () => {
  const object = { a: [1, { b: null }], 'c"\\': '[[[,,,{{{\\"' }
  expect(readObject(JSON.stringify(object))).toEqual(object)
})

test.each([
  ["a list", "[]"],
  ["a text", '"{}"'],
  ["nothing", ""],
  ["what is broken off", '{"a'],
  ["two million brackets", `{"a":${"[".repeat(2_000_000)}`],
  ["two million numbers", `{"a":[${"0,".repeat(2_000_000)}0]}`],
  ["half a million objects", `{"a":[${"{},".repeat(500_000)}{}]}`],
])("%s is none", (_, text) => {
  const began = performance.now()
  expect(readObject(text)).toBeUndefined()
  expect(performance.now() - began).toBeLessThan(100)
})
