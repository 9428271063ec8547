import { Ajv } from "ajv"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"

import { parseExactly } from "@/lib/exact-json"
import sink from "@/lib/test/cog/sink.json"
import { maxCpuMs, spent } from "@/lib/test/cpu"
import { returnsList, openSecrets, prepareInput, sealSecrets, streamOf } from "./input"
import { InvalidInput } from "./invalid-input"

type Json = Record<string, unknown>

const documentOf = (Input: Json, others: Json = {}, Output: Json = { type: "string" }) => ({
  components: { schemas: { Input: { type: "object", ...Input }, Output, ...others } },
})
const withInputs = (properties: Json, required: string[] = [], others: Json = {}) =>
  documentOf({ properties, required }, others)

function prepared(document: unknown, input: Json): Json {
  const result = prepareInput(document, input)
  if ("invalid" in result) throw new InvalidInput(result.invalid)
  return result.input
}
function complaints(document: unknown, input: Json) {
  const result = prepareInput(document, input)
  return "invalid" in result ? result.invalid : []
}

/** The schema as the static generator of Cog 0.17 and later writes it. */
const asStatic = (document: typeof sink.schema) => {
  const schemas = structuredClone(document.components.schemas) as unknown as Record<string, Json>
  const { Input } = schemas as { Input: { required: string[]; properties: Record<string, Json> } }
  for (const [name, one] of Object.entries(Input.properties)) {
    if (one.nullable || one.default !== undefined || Input.required.includes(name)) continue
    // That generator distinguishes Optional from a plain type with the default None; this is Optional, the usual way
    // today.
    one.nullable = true
  }
  return { openapi: "3.0.2", info: { title: "Cog", version: "0.21.0" }, components: { schemas } }
}

describe.each([
  ["pydantic's", sink.schema],
  ["the static generator's", asStatic(sink.schema)],
])("with %s schema", (_, schema) => {
  test.each(sink.exchanges)("what a Cog server does with $name is done here first", ({ input, echo, refused }) => {
    if (refused)
      return expect(complaints(schema, input as Json).map(({ field }) => field)).toContain(`input.${refused[0]}`)
    const ours = prepared(schema, input as Json)
    // We omit what the server shows as null; values it cannot show are compared with the input.
    const shown = Object.entries(echo as Json).filter(([, value]) => value !== null)
    expect(Object.keys(ours).sort()).toEqual(shown.map(([name]) => name).sort())
    for (const [name, value] of shown)
      expect(ours[name]).toEqual(["attachment", "api_key"].includes(name) ? (input as Json)[name] : value)
  })
})

describe("complaints", () => {
  test("come all at once, a line each, in the words clients know", () => {
    const document = withInputs(
      {
        prompt: { type: "string" },
        num_inference_steps: { type: "integer", maximum: 4 },
        output_format: { allOf: [{ $ref: "#/components/schemas/output_format" }] },
      },
      ["prompt"],
      { output_format: { type: "string", enum: ["jpg", "png"] } },
    )
    const input = { num_inference_steps: 5, output_format: "gif" }
    expect(() => prepared(document, input)).toThrow(
      "- input: prompt is required\n- input.num_inference_steps: Must be less than or equal to 4\n" +
        '- input.output_format: output_format must be one of the following: "jpg", "png"\n',
    )
    expect(complaints(document, input).map(({ type, field }) => [type, field])).toEqual([
      ["required", "input"],
      ["number_lte", "input.num_inference_steps"],
      ["enum", "input.output_format"],
    ])
  })

  test.each<[Json, unknown, string, string]>([
    [{ type: "integer" }, "abc", "invalid_type", "Invalid type. Expected: integer, given: string"],
    [{ type: "integer" }, 1.5, "invalid_type", "Invalid type. Expected: integer, given: number"],
    [{ type: "string" }, true, "invalid_type", "Invalid type. Expected: string, given: boolean"],
    [{ type: "array", items: {} }, "a", "invalid_type", "Invalid type. Expected: array, given: string"],
    [{ type: "number", minimum: 1 }, 0, "number_gte", "Must be greater than or equal to 1"],
    [{ type: "number", minimum: 1, exclusiveMinimum: true }, 1, "number_gt", "Must be greater than 1"],
    [{ type: "number", exclusiveMaximum: 2 }, 2, "number_lt", "Must be less than 2"],
    [{ type: "number", multipleOf: 8 }, 9, "multiple_of", "Must be a multiple of 8"],
    [{ type: "string", minLength: 2 }, "a", "string_gte", "String length must be greater than or equal to 2"],
    [{ type: "string", maxLength: 2 }, "abc", "string_lte", "String length must be less than or equal to 2"],
    [{ type: "string", pattern: "^[a-z]+$" }, "A", "pattern", "Does not match pattern '^[a-z]+$'"],
    [{ type: "string", format: "uri" }, "ftp://x/y", "format", "Does not match format 'uri'"],
    [{ type: "array", minItems: 1 }, [], "array_min_items", "Array must have at least 1 items"],
    [{ type: "array", maxItems: 1 }, [1, 2], "array_max_items", "Array must have at most 1 items"],
    [
      { anyOf: [{ type: "boolean" }, { type: "integer" }] },
      "x",
      "number_any_of",
      "Must validate at least one schema (anyOf)",
    ],
  ])("about %j given %j are of type %s", (schema, value, type, description) => {
    expect(complaints(withInputs({ it: schema }), { it: value })).toEqual([{ type, field: "input.it", description }])
  })

  test("name the place within a list or an object", () => {
    const document = withInputs({
      tags: { type: "array", items: { type: "string" } },
      box: { type: "object", properties: { x: { type: "integer" } }, required: ["x", "y"] },
    })
    expect(
      complaints(document, { tags: ["a", {}], box: { x: "left" } }).map(({ field, type }) => [field, type]),
    ).toEqual([
      ["input.tags.1", "invalid_type"],
      ["input.box", "required"],
      ["input.box.x", "invalid_type"],
    ])
  })
})

test("what the model does not know is dropped, and what may be left out and is null is left out", () => {
  const document = withInputs({ prompt: { type: "string" }, seed: { type: "integer", nullable: true } })
  expect(prepared(document, { prompt: "cat", seed: null, num_outputs: 4, stream: true })).toEqual({ prompt: "cat" })
  expect(prepared(withInputs({ seed: { type: "integer", nullable: true } }, ["seed"]), { seed: null })).toEqual({
    seed: null,
  })
  expect(prepared(documentOf({}), { anything: 1 })).toEqual({ anything: 1 })
})

test("defaults are filled in, in the order of the author, those of choices too", () => {
  const document = withInputs(
    {
      steps: { allOf: [{ $ref: "#/components/schemas/steps" }], default: 25, "x-order": 1 },
      text: { type: "string", default: "", "x-order": 0 },
      seed: { type: "integer", "x-order": 2 },
    },
    [],
    { steps: { type: "integer", enum: [10, 25] } },
  )
  expect(Object.entries(prepared(document, {}))).toEqual([
    ["text", ""],
    ["steps", 25],
  ])
})

test.each<[Json, unknown, unknown]>([
  [{ type: "integer" }, "768", 768],
  [{ type: "integer" }, " -3 ", -3],
  [{ type: "number" }, "1.5e3", 1500],
  [{ type: "boolean" }, "true", true],
  [{ type: "boolean" }, "No", false],
  [{ type: "boolean" }, 1, true],
  [{ type: "string" }, 5, "5"],
  [{ anyOf: [{ type: "integer" }, { type: "string" }] }, "5", "5"],
  [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "5", 5],
  [{ allOf: [{ type: "integer", enum: [1, 2] }] }, "2", 2],
])("%j makes %j into %j", (schema, value, expected) => {
  expect(prepared(withInputs({ it: schema }), { it: value })).toEqual({ it: expected })
})

test("files are found wherever they are", () => {
  const file = { type: "string", format: "uri" }
  const document = withInputs({
    image: file,
    images: { type: "array", items: file },
    maybe: { anyOf: [file, { type: "null" }] },
  })
  const result = prepareInput(document, {
    image: "https://x/a.png",
    images: ["data:text/plain,a", "HTTP://x/b"],
    maybe: "https://x/c",
  })
  expect(result).toMatchObject({ files: ["image", "images.0", "images.1", "maybe"] })
})

describe("secrets", () => {
  const document = withInputs({
    key: { type: "string", format: "password", "x-cog-secret": true },
    text: { type: "string" },
  })
  const id = "0123456789abcdefghjkmnpqrs"

  test("are sealed where they are kept, and reach the model as they were", () => {
    const result = prepareInput(document, { key: "sk-123", text: "sealed.text" })
    if ("invalid" in result) throw new Error("refused")
    expect(result.secrets).toEqual(["key"])
    const kept = sealSecrets(id, result)
    expect(JSON.stringify(kept)).not.toContain("sk-123")
    expect(kept.text).toBe("sealed.text")
    expect(openSecrets(id, kept, result.secrets)).toEqual({ key: "sk-123", text: "sealed.text" })
  })

  test("of one prediction open in no other", () => {
    const kept = sealSecrets(id, { input: { key: "sk-123" }, secrets: ["key"] })
    expect(openSecrets(`1${id.slice(1)}`, kept, ["key"])).toEqual({})
  })
})

test("an output streams when it comes bit by bit", () => {
  const output = (schema: Json) => documentOf({}, {}, schema)
  const iterator = { type: "array", "x-cog-array-type": "iterator" }
  expect(streamOf(output({ ...iterator, items: { type: "string" }, "x-cog-array-display": "concatenate" }))).toBe(
    "text",
  )
  expect(streamOf(output({ ...iterator, items: { type: "string", format: "uri" } }))).toBe("files")
  expect(streamOf(output({ type: "array", items: { type: "string" } }))).toBeNull()
  expect(streamOf(null)).toBeNull()
  expect([returnsList(output(iterator)), returnsList(output({ type: "string" }))]).toEqual([true, false])
})

describe("hostile documents cost no more than a moment", () => {
  const fanOut = Array.from({ length: 40 }, () => ({ $ref: "#/components/schemas/A" }))
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { x: nested(levels - 1) })
  test.each<[string, unknown, Json]>([
    [
      "any of itself, forty times",
      withInputs({ a: { $ref: "#/components/schemas/A" } }, [], { A: { anyOf: fanOut } }),
      { a: 1 },
    ],
    ["all of itself", withInputs({ a: { $ref: "#/components/schemas/A" } }, [], { A: { allOf: fanOut } }), { a: 1 }],
    [
      "itself within itself",
      withInputs({ a: { $ref: "#/components/schemas/A" } }, [], {
        A: { type: "object", properties: { x: { anyOf: fanOut } } },
      }),
      { a: nested(40) },
    ],
    [
      "a circle of references",
      withInputs({ a: { $ref: "#/components/schemas/A" } }, [], { A: { $ref: "#/components/schemas/A" } }),
      { a: 1 },
    ],
    [
      "huge choices for many",
      withInputs({ a: { type: "array", items: { enum: Array.from({ length: 40_000 }, (_, n) => `${n}`) } } }),
      { a: Array.from({ length: 20_000 }, () => "x") },
    ],
    [
      "an expression that never ends",
      withInputs(
        Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`a${n}`, { type: "string", pattern: "^(a+)+$" }])),
      ),
      Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`a${n}`, `${"a".repeat(60)}!`])),
    ],
    [
      "a value without end",
      withInputs({ a: { type: "array", items: { $ref: "#/components/schemas/A" } } }, [], {
        A: { type: "array", items: { $ref: "#/components/schemas/A" } },
      }),
      { a: JSON.parse(`${"[".repeat(2000)}${"]".repeat(2000)}`) },
    ],
  ])("%s", async (_, document, input) => {
    expect((await spent(() => prepareInput(document, input))).ms).toBeLessThan(maxCpuMs)
  })
})

describe("beside ajv", () => {
  const leaf = fc.oneof(
    fc.record(
      {
        type: fc.constant("integer"),
        minimum: fc.integer({ min: -5, max: 5 }),
        maximum: fc.integer({ min: -5, max: 9 }),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record(
      {
        type: fc.constant("number"),
        exclusiveMinimum: fc.integer({ min: -5, max: 5 }),
        multipleOf: fc.constantFrom(1, 2, 0.5),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record(
      {
        type: fc.constant("string"),
        minLength: fc.nat(3),
        maxLength: fc.nat(5),
        pattern: fc.constantFrom("^a", "b$", "[0-9]"),
      },
      { requiredKeys: ["type"] },
    ),
    fc.constant({ type: "boolean" }),
    fc.record({
      enum: fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("a", "b", null)), { minLength: 1 }),
    }),
    fc.constant({ $ref: "#/components/schemas/Named" }),
  )
  const schema = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.record(
        {
          type: fc.constant("array"),
          items: tie("any"),
          minItems: fc.nat(2),
          maxItems: fc.nat(3),
          uniqueItems: fc.boolean(),
        },
        { requiredKeys: ["type", "items"] },
      ),
      fc.record(
        {
          type: fc.constant("object"),
          properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("any")),
          required: fc.subarray(["a", "b"]),
          additionalProperties: fc.boolean(),
        },
        { requiredKeys: ["type", "properties"] },
      ),
      fc.record({ allOf: fc.array(tie("any"), { minLength: 1, maxLength: 2 }) }),
      fc.record({ anyOf: fc.array(tie("any"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ oneOf: fc.array(tie("any"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie("any") }),
    ),
  })).any
  // Only types that are never converted to another one.
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.integer({ min: -6, max: 9 }),
      fc.constantFrom("a", "ab", "cb", "x"),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 3 }),
      // As parsed JSON: to ajv, an object without a prototype differs from an equal one with its own.
      fc.dictionary(fc.constantFrom("a", "b", "d"), tie("any"), { noNullPrototype: true }),
    ),
  })).any
  const withoutTexts = (one: unknown): boolean => !/"type":"(string|boolean)"/.test(JSON.stringify(one))

  test("oneOf refuses a list or object that two choices accept unchanged", () => {
    const oneOf = [{ type: "array", items: { type: "integer" } }, { type: "object" }, { not: { type: "string" } }]
    for (const it of [[], [1], {}, { a: 1 }])
      expect(complaints(withInputs({ it: { oneOf } }, ["it"]), { it })).toHaveLength(1)
    expect(complaints(withInputs({ it: { oneOf } }, ["it"]), { it: true })).toEqual([])
  })

  test("whatever is valid there is valid here, and the other way round", () => {
    const named = {
      type: "object",
      properties: { a: { type: "array", items: { $ref: "#/components/schemas/Named" } } },
    }
    fc.assert(
      fc.property(schema, value, (one, it) => {
        // We convert numbers to text and booleans where the schema wants those; ajv does not.
        fc.pre(withoutTexts(one) || !/\d/.test(JSON.stringify(it)))
        const document = { ...withInputs({ it: one }, ["it"], { Named: named }), $id: "d" }
        const ajv = new Ajv({ strict: false, allErrors: true })
        ajv.addSchema(document)
        const theirs = ajv.validate({ $ref: "d#/components/schemas/Input" }, { it })
        expect(complaints(document, { it }).length === 0).toBe(theirs)
      }),
      { numRuns: 200 },
    )
  })
})

describe("numbers that JavaScript would round", () => {
  const most = "18446744073709551615"
  const document = parseExactly(
    `{"components":{"schemas":{"Input":{"type":"object","properties":{
      "seed":{"type":"integer","minimum":-9223372036854775808,"maximum":${most},"default":9223372036854775807},
      "odd":{"type":"integer","multipleOf":5},
      "scale":{"type":"number","exclusiveMaximum":1e400},
      "choice":{"enum":[9007199254740993]},
      "name":{"type":"string"}}}}}}`,
  )
  const given = (text: string) => parseExactly(text) as Json

  test.each([
    ["{}", '{"seed":9223372036854775807}'],
    [`{"seed":${most}}`, `{"seed":${most}}`],
    [`{"seed":"${most}"}`, `{"seed":${most}}`],
    ['{"seed":-9223372036854775808}', '{"seed":-9223372036854775808}'],
    ['{"odd":12345678901234567890}', '{"seed":9223372036854775807,"odd":12345678901234567890}'],
    ['{"scale":18446744073709551615}', '{"seed":9223372036854775807,"scale":18446744073709551615}'],
    ['{"choice":9007199254740993}', '{"seed":9223372036854775807,"choice":9007199254740993}'],
    ['{"name":12345678901234567890}', '{"seed":9223372036854775807,"name":"12345678901234567890"}'],
  ])("%s reaches the model as %s", (input, whole) => {
    expect(JSON.stringify(prepared(document, given(input)))).toBe(whole)
  })

  test.each([
    ['{"seed":18446744073709551616}', "Must be less than or equal to 18446744073709551615"],
    ['{"seed":-9223372036854775809}', "Must be greater than or equal to -9223372036854775808"],
    ['{"seed":1844674407370.5}', "Invalid type. Expected: integer, given: number"],
    ['{"odd":12345678901234567891}', "Must be a multiple of 5"],
    ['{"scale":1e400}', "Must be less than Infinity"],
    ['{"choice":9007199254740992}', "choice must be one of the following: 9007199254740993"],
  ])("%s is refused: %s", (input, description) => {
    expect(complaints(document, given(input))).toMatchObject([{ description }])
  })
})

test("a version that can only be trained takes no input, and says so", () => {
  const document = { components: { schemas: { TrainingInput: { type: "object" } } } }
  expect(complaints(document, {})).toEqual([
    { type: "not_runnable", field: "", description: "This version can be trained, but not run" },
  ])
  expect(prepareInput(document, {}, "TrainingInput")).toMatchObject({ input: {} })
})

test("inputs may share a budget; those beyond it are taken as they are", () => {
  const document = withInputs({ size: { type: "integer" } })
  const budget = { steps: 10, patience: 0 }
  const outcomes = Array.from({ length: 10 }, () => prepareInput(document, { size: "x" }, "Input", budget))
  expect(outcomes.map((outcome) => "invalid" in outcome)).toEqual(
    outcomes.map((_, n) => n < outcomes.findIndex((outcome) => "input" in outcome)),
  )
  expect(outcomes[0]).toHaveProperty("invalid")
  expect(outcomes.at(-1)).toEqual({ input: { size: "x" }, secrets: [], files: [] })
})
