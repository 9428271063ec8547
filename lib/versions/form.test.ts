import models from "all-the-public-replicate-models"
import { describe, expect, test } from "vitest"

import { maxCpuMs, spent } from "@/lib/test/cpu"

import { changesBetween } from "./changes"
import { exampleInput, fieldsIn, formOf } from "./form"
import { readForm } from "./read-form"

const read = (schema: unknown) => readForm(JSON.stringify(schema))
const inputsOf = (schema: unknown) => read(schema).inputs
const outputOf = (schema: unknown) => read(schema).output

const inWords = new RegExp(
  "^(?:(?:lists? of )*(?:texts?|files?|secrets?|moments?|whole numbers?|numbers?|yes or no|choices?|objects?|anything|nothing)(?: or |$))+$",
)

test("every published schema is told in words", () => {
  const schemas = models.flatMap(({ latest_version }) =>
    latest_version?.openapi_schema ? [latest_version.openapi_schema] : [],
  )
  expect(schemas.length).toBeGreaterThan(3800)
  const strange = new Set<string>()
  let fields = 0
  let open = 0
  for (const schema of schemas) {
    const form = read(schema)
    const { inputs, output } = form
    expect(form.too_large).toBe(false)
    for (const { type } of [...inputs, output, ...fieldsIn(output)]) {
      fields++
      if (type === "anything") open++
      if (!inWords.test(type)) strange.add(type)
    }
    expect(changesBetween(form, form)).toEqual([])
  }
  expect([...strange]).toEqual([])
  expect(fields).toBeGreaterThan(40_000)
  // These types were left open by their authors; for a few models, that is the whole output.
  expect(open).toBeLessThan(80)
})

const schemaOf = (
  properties: object,
  { required = [] as string[], output = { type: "string" } as object, more = {} } = {},
) => ({
  components: { schemas: { Input: { type: "object", properties, required }, Output: output, ...more } },
})
const only = (property: object, more = {}) => inputsOf(schemaOf({ x: property }, { more }))[0]!

describe("a field", () => {
  test.each([
    [{ type: "string" }, "text"],
    [{ type: "string", format: "uri" }, "file"],
    [{ type: "string", format: "password", "x-cog-secret": true }, "secret"],
    [{ type: "integer" }, "whole number"],
    [{ type: "number" }, "number"],
    [{ type: "boolean" }, "yes or no"],
    [{ type: "array", items: { type: "string", format: "uri" } }, "list of files"],
    [{ type: "array", items: { type: "array", items: { type: "number" } } }, "list of lists of numbers"],
    [{ type: "array" }, "list of anything"],
    [{ type: ["string", "null"] }, "text"],
    [{ anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] }, "text or whole number"],
    [{ type: "object" }, "object"],
    [{ allOf: [{ $ref: "#/components/schemas/scheduler" }] }, "choice"],
    [{ $ref: "#/components/schemas/itself" }, "list of anything"],
    [{ $ref: "#/components/schemas/nowhere" }, "anything"],
    [{}, "anything"],
    [true, "anything"],
  ])("%j is %s", (property, type) => {
    const more = {
      scheduler: { type: "string", enum: ["DDIM"] },
      itself: { type: "array", items: { $ref: "#/components/schemas/itself" } },
    }
    expect(only(property as object, more).type).toBe(type)
  })

  test("shows its choices, bounds, default and whether it may be left out, in the order of the author", () => {
    const more = { scheduler: { title: "scheduler", type: "string", enum: ["A", "B"], description: "An enumeration." } }
    const properties = {
      late: { type: "integer", minimum: 0, maximum: 9, "x-order": 1 },
      first: { allOf: [{ $ref: "#/components/schemas/scheduler" }], default: "A", description: "How", "x-order": 0 },
    }
    const [first, late] = inputsOf(schemaOf(properties, { required: ["late", "first"], more }))
    expect(first).toMatchObject({
      name: "first",
      options: ['"A"', '"B"'],
      default: '"A"',
      required: false,
      description: "How",
    })
    expect(late).toMatchObject({ name: "late", min: "0", max: "9", required: true })
    expect(late).not.toHaveProperty("default")
  })
})

test.each([
  [
    { type: "array", items: { type: "string" }, "x-cog-array-type": "iterator", "x-cog-array-display": "concatenate" },
    "list of texts",
    "as growing text",
  ],
  [
    { type: "array", items: { type: "string", format: "uri" }, "x-cog-array-type": "iterator" },
    "list of files",
    "piece by piece",
  ],
  [{ type: "object", properties: { a: { type: "string" } } }, "object", "at once"],
  [{ title: "Output" }, "anything", "at once"],
])("the output %j is %s, %s", (output, type, arrives) => {
  expect(outputOf(schemaOf({}, { output }))).toMatchObject({ type, arrives })
})

describe("between two versions", () => {
  const one = (property: object | null, required = false) =>
    schemaOf(property ? { x: property } : {}, { required: required ? ["x"] : [] })
  const message = (older: object, newer: object) =>
    changesBetween(read(older), read(newer)).map(({ message, breaking }) => [message, breaking])

  test.each([
    ["an input that is gone breaks", one({ type: "string" }), one(null), "was removed.", true],
    [
      "a new input that is required breaks",
      one(null),
      one({ type: "string" }, true),
      "is new and required: text.",
      true,
    ],
    ["a new input that may be left out does not", one(null), one({ type: "string" }), "is new: text.", false],
    [
      "another type breaks",
      one({ type: "string" }),
      one({ type: "integer" }),
      "accepts whole number instead of text.",
      true,
    ],
    [
      "a wider type does not",
      one({ type: "integer" }),
      one({ type: "number" }),
      "accepts number instead of whole number.",
      false,
    ],
    ["being required breaks", one({ type: "string" }), one({ type: "string" }, true), "is now required.", true],
    ["being optional does not", one({ type: "string" }, true), one({ type: "string" }), "is now optional.", false],
    ["a choice that is gone breaks", one({ enum: [1, 2] }), one({ enum: [1] }), "no longer accepts 2.", true],
    ["another choice does not", one({ enum: [1] }), one({ enum: [1, 2] }), "takes 2 too.", false],
    [
      "a lower most breaks",
      one({ type: "integer", maximum: 9 }),
      one({ type: "integer", maximum: 8 }),
      "has a maximum of 8 (was 9).",
      true,
    ],
    [
      "a higher most does not",
      one({ type: "integer", maximum: 9 }),
      one({ type: "integer", maximum: 10 }),
      "has a maximum of 10 (was 9).",
      false,
    ],
    [
      "a least where there was none breaks",
      one({ type: "integer" }),
      one({ type: "integer", minimum: 1 }),
      "has a minimum of 1 (was none).",
      true,
    ],
    [
      "a least that is gone does not",
      one({ type: "integer", minimum: 1 }),
      one({ type: "integer" }),
      "has no minimum (was 1).",
      false,
    ],
    [
      "another default does not",
      one({ type: "integer", default: 1 }),
      one({ type: "integer", default: 2 }),
      "defaults to 2 instead of 1.",
      false,
    ],
  ])("%s", (_, older, newer, words, breaking) => {
    expect(message(older, newer)).toEqual([[words, breaking]])
  })

  const anyOf = (...choices: object[]) => one({ anyOf: choices })
  test.each([
    ["a choice that becomes text", one({ enum: ["a", "b"] }), one({ type: "string" })],
    ["text that becomes text or integer", one({ type: "string" }), anyOf({ type: "string" }, { type: "integer" })],
    ["a file that becomes text", one({ type: "string", format: "uri" }), one({ type: "string" })],
    [
      "a choice among numbers that become numbers within bounds",
      one({ enum: [1, 3] }),
      one({ type: "integer", minimum: 1, maximum: 3 }),
    ],
    ["integer that becomes anything", one({ type: "integer" }), one({})],
    [
      "a bound that leaves itself out and comes in",
      one({ type: "number", exclusiveMinimum: 1 }),
      one({ type: "number", minimum: 1 }),
    ],
    [
      "a higher most in one of several",
      anyOf({ type: "integer", maximum: 9 }, { type: "string" }),
      anyOf({ type: "integer", maximum: 10 }, { type: "string" }),
    ],
    [
      "a list of integers that becomes one of numbers",
      one({ type: "array", items: { type: "integer" } }),
      one({ type: "array", items: { type: "number" } }),
    ],
    ["null as well", one({ type: "string" }), one({ type: ["string", "null"] })],
    [
      "a larger most than JavaScript can count",
      one({ type: "integer", maximum: 5 }),
      one({ type: "integer", maximum: 2 ** 60 }),
    ],
  ])("widening does not break: %s", (_, older, newer) => {
    const changes = changesBetween(read(older), read(newer))
    expect(changes.length).toBeGreaterThan(0)
    expect(changes.filter(({ breaking }) => breaking)).toEqual([])
  })

  test.each([
    ["text that becomes a choice", one({ type: "string" }), one({ enum: ["a"] })],
    ["text or integer that becomes text", anyOf({ type: "string" }, { type: "integer" }), one({ type: "string" })],
    [
      "a lower most in one of several",
      anyOf({ type: "integer", maximum: 9 }, { type: "string" }),
      anyOf({ type: "integer", maximum: 8 }, { type: "string" }),
    ],
    [
      "a most in one of several that has none",
      anyOf({ type: "integer" }, { type: "null" }),
      anyOf({ type: "integer", maximum: 8 }, { type: "null" }),
    ],
    [
      "a bound that leaves itself out",
      one({ type: "number", minimum: 1 }),
      one({ type: "number", exclusiveMinimum: 1 }),
    ],
    ["a choice of longer texts than are taken", one({ enum: ["abc"] }), one({ type: "string", maxLength: 2 })],
    ["a pattern where there was none", one({ type: "string" }), one({ type: "string", pattern: "^a" })],
    ["a choice that is no whole number", one({ enum: [1.5] }), one({ type: "integer" })],
    ["no null any more", one({ type: ["string", "null"] }), one({ type: "string" })],
    [
      "a required part of an object",
      one({ type: "object", properties: {} }),
      one({ type: "object", properties: { a: {} }, required: ["a"] }),
    ],
    ["text that becomes a file", one({ type: "string" }), one({ type: "string", format: "uri" })],
  ])("narrowing breaks: %s", (_, older, newer) => {
    expect(changesBetween(read(older), read(newer)).some(({ breaking }) => breaking)).toBe(true)
  })

  const output = (output: object) => schemaOf({}, { output })
  test.each([
    [{ type: "string" }, { enum: ["a"] }, false],
    [{ enum: ["a"] }, { type: "string" }, true],
    [{ enum: ["a"] }, { enum: ["a", "b"] }, true],
    [{ type: "string" }, { type: "string", format: "uri" }, true],
    [{ type: "number" }, { type: "integer" }, false],
    [{ type: "integer" }, { type: "number" }, true],
    [{ type: "integer", maximum: 5 }, { type: "integer", maximum: 9 }, false],
    [{ type: "string" }, { type: ["string", "null"] }, true],
    [{ type: ["string", "null"] }, { type: "string" }, false],
    [{}, { type: "string" }, false],
    [{ type: "string" }, {}, true],
    [
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      { type: "object", properties: { a: { type: "string" } } },
      true,
    ],
    [
      { type: "object", properties: { a: { type: "number" } } },
      { type: "object", properties: { a: { type: "integer" } } },
      false,
    ],
  ])("an output of %j that becomes %j breaks whoever reads it: %s", (older, newer, breaking) => {
    expect(changesBetween(read(output(older)), read(output(newer))).some((change) => change.breaking)).toBe(breaking)
  })

  test("of training is told as such, and so is a model that can no longer be run", () => {
    const training = (properties: object) => ({
      components: { schemas: { TrainingInput: { type: "object", properties } } },
    })
    expect(changesBetween(read(training({ a: { type: "string" } })), read(training({})))).toEqual([
      { where: "training input", name: "a", message: "was removed.", breaking: true },
    ])
    expect(changesBetween(read(schemaOf({})), read(training({})))).toEqual([
      { where: "input", name: "", message: "The model can no longer be run, only trained.", breaking: true },
      { where: "training input", name: "", message: "The model can be trained now.", breaking: false },
    ])
  })

  test("of thousands of kinds is not looked into without end", async () => {
    const many = (first: number) =>
      read(one({ anyOf: Array.from({ length: 3000 }, (_, n) => ({ type: "integer", minimum: first + n })) }))
    const [older, newer] = [many(5000), many(0)]
    expect((await spent(() => changesBetween(older, newer))).ms).toBeLessThan(maxCpuMs)
  })

  test("another output breaks, and so does a part of it that is gone", () => {
    const output = (...names: string[]) =>
      schemaOf(
        {},
        { output: { type: "object", properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])) } },
      )
    expect(message(schemaOf({}), output("a"))).toEqual([
      ["is object instead of text.", true],
      ["is new: text.", false],
    ])
    expect(changesBetween(read(output("a", "b")), read(output("b", "c")))).toEqual([
      { where: "output", name: "a", message: "was removed.", breaking: true },
      { where: "output", name: "c", message: "is new: text.", breaking: false },
    ])
  })

  test("what breaks callers comes first", () => {
    const changes = changesBetween(
      read(schemaOf({ a: { type: "string" }, z: { type: "string" } })),
      read(schemaOf({ a: { type: "string" }, b: { type: "string" } })),
    )
    expect(changes.map(({ name, breaking }) => [name, breaking])).toEqual([
      ["z", true],
      ["b", false],
    ])
  })
})

test("an example gives something for everything that has to be given, and nothing else", () => {
  const schema = {
    components: {
      schemas: {
        Input: {
          required: ["text", "size", "steps", "sure", "picture", "all", "kind"],
          properties: {
            text: { type: "string" },
            size: { type: "integer", minimum: 64 },
            steps: { type: "number" },
            sure: { type: "boolean" },
            picture: { type: "string", format: "uri" },
            all: { type: "array", items: { type: "string" } },
            kind: { enum: ["b", "a"] },
            seed: { type: "integer" },
          },
        },
      },
    },
  }
  expect(exampleInput(inputsOf(schema))).toEqual({
    text: "…",
    size: 64,
    steps: 1,
    sure: true,
    picture: "https://example.com/file",
    all: [],
    kind: "b",
  })
})

describe("a schema is read in time", () => {
  const ref = { $ref: "#/components/schemas/A" }
  const forty = (one: object) => Array.from({ length: 40 }, () => one)
  const chain = (word: string, length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, n) => [
        `A${n}`,
        { [word]: forty(n + 1 < length ? { $ref: `#/components/schemas/A${n + 1}` } : { type: "string" }) },
      ]),
    )

  test.each([
    ["what is any of itself forty times", { A: { anyOf: forty(ref) } }, ref],
    ["what is all of itself forty times", { A: { allOf: forty(ref) } }, ref],
    ["forty of forty of forty …", chain("anyOf", 50), { $ref: "#/components/schemas/A0" }],
    ["all of all of all …", chain("allOf", 50), { $ref: "#/components/schemas/A0" }],
    [
      "two that are of each other",
      { A: { anyOf: [{ $ref: "#/components/schemas/B" }] }, B: { anyOf: forty(ref) } },
      ref,
    ],
    ["objects of objects", { A: { type: "object", properties: { a: ref, b: ref, c: { anyOf: forty(ref) } } } }, ref],
  ])("%s", async (_, more, property) => {
    const schema = schemaOf({ x: property, y: property }, { more })
    expect((await spent(() => inputsOf(schema))).ms).toBeLessThan(maxCpuMs)
  })

  test("one that would grow without end is any JSON, with a note", () => {
    const values = Array.from({ length: 5000 }, (_, n) => `a value with the number ${n}`)
    const properties = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`x${n}`, ref]))
    const form = read(schemaOf(properties, { more: { A: { enum: values } } }))
    expect(form).toMatchObject({ too_large: true, inputs: [], output: { kind: "any" } })
  })

  test("also by the thread that publishing asks, which hangs for none", async () => {
    expect(
      (await formOf(JSON.stringify(schemaOf({ x: ref }, { more: { A: { anyOf: forty(ref) } } }))))?.inputs[0],
    ).toMatchObject({
      name: "x",
      kind: "any",
    })
  })

  test("and compared in time: 40,000 choices against 40,000 others", async () => {
    const choices = (first: number) => read(one({ enum: Array.from({ length: 40_000 }, (_, n) => first + n) }))
    const one = (property: object) => schemaOf({ x: property })
    const [older, newer] = [choices(0), choices(20_000)]
    const { value: changes, ms } = await spent(() => changesBetween(older, newer))
    expect(ms).toBeLessThan(maxCpuMs)
    expect(changes.map(({ message }) => message.replace(/\d+, /g, ""))).toEqual([
      "no longer accepts 19 and 19980 more.",
      "takes 40019 and 19980 more too.",
    ])
  })
})

test("a field is told to programs, too", () => {
  const properties = {
    picture: { type: "string", format: "uri", "x-cog-accept": "image/*" },
    maybe: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }] },
    either: {
      anyOf: [
        { type: "string", maxLength: 5 },
        { type: "array", items: { type: "number" } },
      ],
    },
    level: { enum: ["low", null] },
    box: { type: "object", properties: { w: { type: "integer" } }, required: ["w"] },
    huge: { type: "integer", default: 0, exclusiveMinimum: 0 },
  }
  const text = JSON.stringify(schemaOf(properties)).replace('"default":0', '"default":9223372036854775807')
  expect(readForm(text).inputs).toEqual([
    { name: "picture", title: "picture", required: false, kind: "file", type: "file", accept: "image/*" },
    { name: "maybe", title: "maybe", required: false, kind: "integer", type: "whole number", min: "1", nullable: true },
    {
      name: "either",
      title: "either",
      required: false,
      kind: "union",
      type: "text or list of numbers",
      variants: [
        { kind: "string", type: "text", longest: 5 },
        { kind: "array", type: "list of numbers", items: { kind: "number", type: "number" } },
      ],
    },
    {
      name: "level",
      title: "level",
      required: false,
      kind: "choice",
      type: "choice",
      options: ['"low"'],
      nullable: true,
    },
    {
      name: "box",
      title: "box",
      required: false,
      kind: "object",
      type: "object",
      fields: [{ name: "w", title: "w", required: true, kind: "integer", type: "whole number" }],
    },
    {
      name: "huge",
      title: "huge",
      required: false,
      default: "9223372036854775807",
      kind: "integer",
      type: "whole number",
      min: "0",
      above: true,
    },
  ])
})

test("training has a form of its own", () => {
  const form = read({
    components: {
      schemas: {
        TrainingInput: { type: "object", properties: { data: { type: "string", format: "uri" } }, required: ["data"] },
        TrainingOutput: { type: "string", format: "uri" },
      },
    },
  })
  expect(form.training).toMatchObject({
    inputs: [{ name: "data", kind: "file", required: true }],
    output: { kind: "file" },
  })
  expect(form.inputs).toEqual([])
})
