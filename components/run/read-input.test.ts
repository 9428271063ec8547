import { expect, test } from "vitest"

import type { Field } from "@/lib/versions/read-form"
import { controlOf, readInput, readWholeInput, textFor } from "./read-input"

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
    field("on", "boolean"),
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
      on: "false",
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
