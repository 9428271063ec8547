import { expect, test } from "vitest"

import { maxCpuMs, spent } from "@/lib/test/cpu"

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
])("%s is none", async (_, text) => {
  const { value, ms } = await spent(() => readObject(text))
  expect(value).toBeUndefined()
  expect(ms).toBeLessThan(maxCpuMs)
})
