import * as fc from "fast-check"
import { expect, test } from "vitest"

import { secretMask } from "./secrets"

const masked = "**********"
const hide = (value: unknown, ...secrets: unknown[]) => secretMask(secrets)!.whole(value)

test("a secret is masked in text, lists, objects, their names, and as a number", () => {
  expect(hide({ a: ["key sk-123456!"], "sk-123456": [{ b: "sk-123456" }] }, "sk-123456")).toEqual({
    a: [`key ${masked}!`],
    [masked]: [{ b: masked }],
  })
  expect(hide({ pin: 48151623, other: 481516230 }, "48151623")).toEqual({ pin: masked, other: 481516230 })
  expect(hide("one twos", ["one1", " two\n"])).toBe("one twos")
  expect(hide("one1 twos", ["one1", " twos\n"])).toBe(`${masked} ${masked}`)
})

test("it is found as programs print it: in JSON, in a URL, with other line breaks", () => {
  const secret = 'a "b"\r\nc/ü'
  for (const printed of [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), 'a "b"\nc/ü'])
    expect(hide(`<${printed}>`, secret)).toBe(`<${masked}>`)
})

test("one of fewer than four characters is masked only where it is a whole value", () => {
  expect(hide(["abc", "abc\n", "abcd", { abc: "x abc" }], "abc")).toEqual([
    masked,
    `${masked}\n`,
    "abcd",
    { [masked]: "x abc" },
  ])
  expect(hide([7, 77], "7")).toEqual([masked, 77])
})

test("without secrets there is no mask", () => {
  expect(secretMask([])).toBeNull()
  expect(secretMask(["", " ", null, undefined])).toBeNull()
})

test("one that is divided among parts of a list is masked where it begins, and gone from the others", () => {
  expect(hide(["my sk-1", "2345", "6.", " Bye"], "sk-123456")).toEqual([`my ${masked}`, "", ".", " Bye"])
  expect(hide(["sk-123", 5, "456"], "sk-123456")).toEqual(["sk-123", 5, "456"])
  expect(hide(["abcdefgh"], "abcdef", "efgh")).toEqual([masked])
})

test("the end of what still grows waits while it may be the beginning of a secret", () => {
  const { soFar, whole } = secretMask(["sk-123456"])!
  expect(soFar(["a", " s"])).toEqual(["a"])
  expect(soFar(["a", " s", "k-12"])).toEqual(["a"])
  expect(soFar(["a", " s", "ee"])).toEqual(["a", " s", "ee"])
  expect(soFar(["a", " s", "k-123456", "!"])).toEqual(["a", ` ${masked}`, "", "!"])
  expect(whole(["a", " s"])).toEqual(["a", " s"])
  expect(soFar("key sk-12345")).toBe("key ")
  expect(soFar("key sk-123456")).toBe(`key ${masked}`)
})

test("whatever the parts, nothing of a secret is ever shown, and what was shown never changes", () => {
  const letter = fc.constantFrom("a", "b")
  const word = fc.string({ unit: letter, minLength: 4, maxLength: 7 })
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 4 }), { maxLength: 30 }),
      (secrets, parts) => {
        const mask = secretMask(secrets)!
        let before: string[] = []
        for (let n = 0; n <= parts.length; n++) {
          const shown = n === parts.length ? mask.whole(parts) : mask.soFar(parts.slice(0, n))
          expect(shown.slice(0, before.length)).toEqual(before)
          for (const secret of secrets) expect(shown.join("")).not.toContain(secret)
          before = shown
        }
        let text = ""
        const said = parts.join("")
        for (let n = 0; n <= said.length; n++) {
          const shown = mask.soFar(said.slice(0, n))
          expect(shown.startsWith(text)).toBe(true)
          text = shown
        }
      },
    ),
    { numRuns: 500 },
  )
})
