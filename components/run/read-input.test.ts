import { describe, expect, test } from "vitest"

import type { Field } from "@/lib/versions/read-form"
import { complaintOf } from "./check-value"
import { controlOf, readInput, readWholeInput, startOfUnion, textFor, textsFor } from "./read-input"
import { branchesOf, branchNames, branchOf } from "./union"

const field = (name: string, kind: Field["kind"], more: Partial<Field> = {}): Field => ({
  name,
  kind,
  type: kind,
  title: name,
  required: false,
  ...more,
})

const read = (fields: Field[], texts: Record<string, string>) =>
  readInput(fields, (control) => texts[control.replace("input.", "")])

test("every kind of control gives a value of its type", () => {
  const fields = [
    field("text", "string"),
    field("count", "integer"),
    field("share", "number"),
    field("on", "boolean", { default: "true" }),
    field("unset", "boolean"),
    field("voice", "choice", { options: ['"kal"', "2"] }),
    field("image", "file"),
    field("list", "array"),
    field("any", "any"),
  ]
  expect(
    read(fields, {
      text: " a b ",
      count: "12",
      share: "0.5",
      unset: "",
      voice: "2",
      image: " https://example.com/x.png ",
      list: "[1, 2]",
      any: '{"a": null}',
    }),
  ).toEqual({
    input: {
      text: " a b ",
      count: 12,
      share: 0.5,
      on: false,
      voice: 2,
      image: "https://example.com/x.png",
      list: [1, 2],
      any: { a: null },
    },
    complaints: {},
  })
})

test("what is left blank is left out, but a text that has a default may be emptied", () => {
  const fields = [field("a", "string"), field("b", "string", { default: '"hello"' }), field("c", "integer")]
  expect(read(fields, { a: "  ", b: "", c: "" }).input).toEqual({ b: "" })
})

test("a number that JavaScript cannot hold is sent as it was typed", () => {
  expect(read([field("seed", "integer")], { seed: "9223372036854775807" }).input).toEqual({
    seed: "9223372036854775807",
  })
})

test("what cannot be read gets a complaint and is not sent", () => {
  const { input, complaints } = read([field("count", "integer"), field("list", "array")], {
    count: "many",
    list: "[1,",
  })
  expect(input).toEqual({})
  expect(complaints[controlOf("count")]).toBe("Enter a number.")
  expect(complaints[controlOf("list")]).toMatch(/^This is not valid JSON: .*\.$/)
})

test("all of an input as JSON has to be an object", () => {
  expect(readWholeInput("").input).toEqual({})
  expect(readWholeInput('{"a": 1}').input).toEqual({ a: 1 })
  expect(readWholeInput("[1]").complaints).toEqual({ input: "Enter a JSON object, such as {}." })
})

test("a value is shown as its control would read it again", () => {
  expect(textFor({ kind: "choice" }, "kal")).toBe('"kal"')
  expect(textFor({ kind: "string" }, "hello")).toBe("hello")
  expect(textFor({ kind: "number" }, 0.5)).toBe("0.5")
  expect(textFor({ kind: "array" }, [1])).toBe("[\n  1\n]")
  expect(textFor({ kind: "boolean" }, true)).toBe("true")
  expect(textFor({ kind: "string" }, null)).toBe("")
})

test("what may be a text among other things is one unless it is JSON, and comes back as it was", () => {
  const either = field("either", "union", {
    variants: [
      { kind: "integer", type: "whole number" },
      { kind: "string", type: "text" },
    ],
  })
  for (const value of ["hello", 12, "12", "true", "null", ""]) {
    const text = textFor(either, value)
    const { input } = read([either], { either: text })
    expect(input.either).toEqual(value === "" ? undefined : value)
  }
  const numbers = field("numbers", "union", { variants: [{ kind: "integer", type: "whole number" }] })
  expect(read([numbers], { numbers: "hello" }).complaints).toHaveProperty(controlOf("numbers"))
})

describe("the form of a union's value that was chosen", () => {
  const union = field("either", "union", {
    variants: [
      { kind: "string", type: "text", shortest: 2 },
      { kind: "array", type: "list of texts", items: { kind: "string", type: "text" } },
      {
        kind: "union",
        type: "whole number or object",
        variants: [
          { kind: "integer", type: "whole number", max: "10" },
          { kind: "object", type: "object" },
        ],
      },
      { kind: "object", type: "object", fields: [] },
    ],
  })
  const readAs = (branch: string, text: string) =>
    readInput([union], (control) => ({ [controlOf("either")]: text, [branchOf("either")]: branch })[control])

  test("decides how its text is read", () => {
    expect(branchesOf(union).map(({ kind }) => kind)).toEqual(["string", "array", "integer", "object", "object"])
    expect(branchNames(branchesOf(union))).toEqual(["text", "list of texts", "whole number", "object", "object (2)"])
    expect(readAs("0", "12").input).toEqual({ either: "12" })
    expect(readAs("1", '["a"]').input).toEqual({ either: ["a"] })
    expect(readAs("2", "12").input).toEqual({ either: 12 })
    expect(readAs("2", "twelve").complaints).toEqual({ [controlOf("either")]: "Enter a number." })
    // Forms without scripts send no valid choice, and other clients may send any text.
    for (const branch of ["", "9", "constructor"]) expect(readAs(branch, "12").input).toEqual({ either: 12 })
  })

  test("is found again by the value, which stays the same", () => {
    for (const [value, branch] of [
      ["ab", 0],
      ["12", 0],
      [["a"], 1],
      [7, 2],
      [{ a: 1 }, 3],
    ] as const) {
      const start = startOfUnion(union, textsFor([union], { either: value })[controlOf("either")]!)
      expect(start.branch).toBe(branch)
      expect(readAs(String(branch), start.text).input).toEqual({ either: value })
    }
    expect(startOfUnion(union, "")).toEqual({ branch: 0, text: "" })
    expect(startOfUnion(union, "seven", "2")).toEqual({ branch: 2, text: "seven" })
  })

  test("is the one whose bounds its value has to keep", () => {
    expect(complaintOf(union, 11)).toBe("Enter at most 10.")
    expect(complaintOf(union, "a")).toBe("Enter at least 2 characters.")
    expect(complaintOf(union, true)).toBe("This has none of the forms to choose from.")
    expect(complaintOf(union, 9)).toBeUndefined()
  })
})

test("a default that its schema forbids is not filled in", () => {
  const fields = [
    field("size", "choice", { options: ['"512"', '"256"'], default: "512" }),
    field("image", "file", { default: '"nothing.png"' }),
    field("scale", "integer", { default: "0.5" }),
    field("steps", "integer", { default: "5", max: "10" }),
  ]
  expect(textsFor(fields, null)).toEqual({
    [controlOf("size")]: '"512"',
    [controlOf("image")]: "",
    [controlOf("scale")]: "",
    [controlOf("steps")]: "5",
  })
})

test("what is wrong with a value is said at once", () => {
  const wrong = (kind: Field["kind"], more: Partial<Field>, value: unknown) =>
    complaintOf(field("f", kind, more), value)
  expect(wrong("integer", {}, 1.5)).toBe("Enter a whole number.")
  expect(wrong("integer", { min: "1", max: "9" }, 10)).toBe("Enter at most 9.")
  expect(wrong("number", { min: "0", above: true }, 0)).toBe("Enter more than 0.")
  expect(wrong("integer", { max: "18446744073709551615" }, "18446744073709551616")).toBeUndefined()
  expect(wrong("string", { longest: 2 }, "ab😀")).toBe("Enter at most 2 characters; these are 3.")
  expect(wrong("string", { required: true }, undefined)).toBe("This is required.")
  expect(wrong("file", {}, "picture.png")).toMatch(/https/)
  expect(wrong("array", { items: { kind: "integer", type: "whole number" } }, [1, "x"])).toBe(
    "Entry 2: Enter a number.",
  )
  expect(wrong("object", {}, [])).toBe("Enter an object, such as {}.")
  expect(wrong("date-time", {}, "soon")).toMatch(/2026/)
})
