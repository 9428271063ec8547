import models from "all-the-public-replicate-models"
import { describe, expect, test } from "vitest"

import {
  mostDigits,
  numberOf,
  parseAsWritten,
  parseExactly,
  TooManyDigits,
  withIntegers,
  withMarks,
} from "./exact-json"

describe("a whole number that JavaScript would round", () => {
  const large = [
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "9007199254740993",
    "123456789012345678901234567890",
    "10000000000000000000000",
    "9".repeat(400),
  ]

  test.each(large)("%s is exact, and written as it was", (text) => {
    const read = parseExactly(`{"n": [${text}]}`)
    expect(read).toEqual({ n: [BigInt(text)] })
    expect(JSON.stringify(read)).toBe(`{"n":[${text}]}`)
  })

  test.each(large)("%s is put back where it was read without care", (text) => {
    const body = `{"a":{"n":${text}},"left out":${text},"b":["${text}",null,1,"\\\\","\\"${text}"], "__proto__" : ${text} }`
    const { "left out": _, ...read } = JSON.parse(withMarks(body)) as Record<string, unknown>
    const n = BigInt(text)
    expect(Object.entries(withIntegers(read) as object)).toEqual([
      ["a", { n }],
      ["b", [text, null, 1, "\\", `"${text}`]],
      ["__proto__", n],
    ])
  })
})

test("an integer that would take seconds is not read exactly, and refused in a request", () => {
  const [longest, longer] = ["7".repeat(mostDigits), "7".repeat(16_000_000)]
  expect(parseExactly(`[${longest}]`)).toEqual([BigInt(longest)])
  const began = performance.now()
  expect(parseExactly(`[${longer}]`)).toEqual([Infinity])
  expect(() => withMarks(`[${longer}]`, { refuse: true })).toThrow(TooManyDigits)
  expect(withMarks(`["${longer}", 1]`, { refuse: true }) === `["${longer}", 1]`).toBe(true)
  expect(performance.now() - began).toBeLessThan(1000)
})

test("a long integer before millions of others does not make them slow to read", () => {
  const [text, usual] = [`[12345678901234567${",0".repeat(3_000_000)}]`, `[1${",0".repeat(3_000_000)}]`]
  const cpuOf = (read: () => unknown) => {
    const before = process.cpuUsage()
    read()
    return process.cpuUsage(before).user / 1000
  }
  expect(cpuOf(() => parseExactly(text))).toBeLessThan(10 * cpuOf(() => JSON.parse(usual)) + 100)
})

test.each(
  [
    "{12345678901234567:1}",
    `{12345678901234567${" ".repeat(200)}:1}`,
    "[0012345678901234567]",
    "[1 12345678901234567]",
    "[a12345678901234567]",
  ].concat("[--12345678901234567]", '["a"12345678901234567]', "[12345678901234567a]", '["12345678901234567]'),
)("%s stays invalid", (text) => {
  expect(() => parseExactly(text)).toThrow(SyntaxError)
})

test.each([
  "0",
  "-1",
  "0.1",
  "1.0",
  "1e3",
  "9007199254740992",
  "1e22",
  "100000000000000000000",
  "5e-324",
  "0.1234567890123456789",
])("%s is a number", (text) => {
  expect(parseExactly(`[${text}]`)).toEqual([Number(text)])
})

test.each([
  "1.0",
  "0.50",
  "1e3",
  "1E5",
  "-0",
  "0.0000001",
  "100",
  "18446744073709551615",
  "1e400",
  "-1E+400",
  "1e-400",
  "3.14159265358979323846",
])("%s is written as it was, where it is only passed on", (text) => {
  expect(JSON.stringify(parseAsWritten(`{"a":[${text},{"b":${text}}]}`))).toBe(`{"a":[${text},{"b":${text}}]}`)
})

test("every published schema is passed on as it is", () => {
  for (const { latest_version } of models) {
    const text = JSON.stringify(latest_version?.openapi_schema ?? null)
    expect(JSON.stringify(parseAsWritten(text))).toBe(text)
    expect(JSON.stringify(parseExactly(text))).toBe(text)
  }
})

test.each([
  ["18446744073709551615", 18446744073709551615n],
  ["+018446744073709551615", 18446744073709551615n],
  ["-0012345678901234567890", -12345678901234567890n],
  ["007", 7],
  ["1.50", 1.5],
  ["1e5", 100_000],
])("the text %s stands for %s", (text, number) => {
  expect(numberOf(text)).toBe(number)
})

test("names and texts are not numbers, whatever is in them", () => {
  const text = '{"12345678901234567890":"1e400, 0.10 and 12345678901234567890","a":null,"b":[true,false]}'
  expect(parseExactly(text)).toEqual(JSON.parse(text))
  expect(JSON.stringify(parseAsWritten(text))).toBe(text)
})
