import { expect, test } from "vitest"

import type { Field } from "@/lib/versions/read-form"
import { csvRows, readBatch } from "./read-batch"

const field = (name: string, kind: Field["kind"], more: Partial<Field> = {}): Field => ({
  name,
  kind,
  type: kind,
  title: name,
  required: false,
  ...more,
})
const fields = [
  field("prompt", "string", { default: '"hello"' }),
  field("count", "integer"),
  field("on", "boolean", { default: "true" }),
  field("size", "choice", { options: ["256", '"large"'] }),
  field("words", "array"),
]

test("lines of JSON are inputs as they are, and a broken one is named", () => {
  expect(readBatch('{"prompt": "a"}\n\n{"count": 2}\r\n', fields)).toEqual({ inputs: [{ prompt: "a" }, { count: 2 }] })
  expect(readBatch('{"prompt": "a"}\n{"count"', fields).problem).toMatch(/^Line 2: /)
})

test("cells of CSV become the types of the schema, and blank ones are left out", () => {
  const csv = 'prompt,count,on,size,words\r\n"a ""b"", c\nd",2,false,large,"[1, ""x""]"\r\n,,,256,\r\n'
  expect(readBatch(csv, fields)).toEqual({
    inputs: [{ prompt: 'a "b", c\nd', count: 2, on: false, size: "large", words: [1, "x"] }, { size: 256 }],
  })
})

test("what does not fit the first line is named", () => {
  expect(readBatch("prompt,color\na,b", fields).problem).toBe(
    "The first line names color, which the model does not take.",
  )
  expect(readBatch("prompt,count\na", fields).problem).toBe("Row 2 has 1 cells, and the first one has 2.")
  expect(readBatch("prompt,count\na,many", fields).problem).toBe("Row 2, count: Enter a number.")
  expect(readBatch("prompt", fields).problem).toMatch(/no line/)
  expect(readBatch("  ", fields).problem).toMatch(/Paste/)
})

test("a quote inside a cell is itself", () => {
  expect(csvRows('a"b,c\n"",x')).toEqual([
    ['a"b', "c"],
    ["", "x"],
  ])
})
