import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import path from "node:path"
import models from "all-the-public-replicate-models"
import Ajv from "ajv/dist/2020"
import { expect, test, vi } from "vitest"

import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { readForm, type Form } from "./read-form"
import { typesAsJsonSchema } from "./types-json-schema"
import { typesInPython } from "./types-python"
import { typesInTypeScript } from "./types-typescript"

const formOf = (Input: object, Output: object = { type: "string" }, more: object = {}): Form =>
  readForm(JSON.stringify({ components: { schemas: { Input, Output, ...more } } }))

const input = {
  type: "object",
  required: ["prompt", "image"],
  properties: {
    prompt: {
      type: "string",
      minLength: 1,
      maxLength: 9,
      pattern: "^a",
      description: "What to\ndraw */ now",
      "x-order": 0,
    },
    image: { type: "string", format: "uri", "x-order": 1 },
    steps: { type: "integer", minimum: 1, maximum: 50, default: 20, "x-order": 2 },
    size: { enum: ["s", "m", 512, 0.5, true], "x-order": 3 },
    "guidance scale": { type: "number", exclusiveMinimum: 0, nullable: true, "x-order": 4 },
    words: {
      anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
      deprecated: true,
      "x-order": 5,
    },
    seed: { type: "integer", maximum: 1, "x-order": 6 },
    box: { type: "object", properties: { x: { type: "number" }, class: { type: "string" } }, "x-order": 7 },
  },
}
const output = { type: "array", items: { type: "string", format: "uri" } }

/** Texts of a schema's author that try to break out of comments, strings and names. */
const hostile = [
  "*/ export const x = 1 /*",
  '"""\nimport os\n"""',
  "\u2028\u0000\r\n\f\\",
  "__proto__",
  "a'b",
  "ünïcode",
  "class",
]
const hostileForm = formOf(
  {
    type: "object",
    properties: Object.fromEntries(
      hostile.map((text) => [
        text,
        { type: "object", properties: { [text]: { enum: hostile, description: text, default: text, title: text } } },
      ]),
    ),
  },
  { enum: hostile },
  {
    TrainingInput: { properties: { data: { type: "string", format: "uri", pattern: hostile[0] } } },
    TrainingOutput: {},
  },
)

test("types in TypeScript say what a version takes and gives", () => {
  expect(typesInTypeScript(formOf(input, output), "alice/draw:1")).toBe(`// The types of alice/draw:1.

/** The URL of a file: https:, or data: for a small one. */
export type FileUrl = string

/** What a prediction takes. */
export type Input = {
  /**
   * What to
   * draw *\\/ now
   * At least 1 character, at most 9 characters.
   * Pattern: ^a
   */
  prompt: string
  image: FileUrl
  /**
   * A whole number.
   * At least 1, at most 50.
   * Default: 20
   */
  steps?: number
  size?: "s" | "m" | 512 | 0.5 | true
  /** More than 0. */
  "guidance scale"?: number | null
  /** @deprecated */
  words?: string | string[]
  /**
   * A whole number.
   * At most 1.
   */
  seed?: number
  box?: {
    x?: number
    class?: string
  }
}

/** What a prediction gives. */
export type Output = FileUrl[]
`)
})

test("types in Python say what a version takes and gives", () => {
  expect(typesInPython(formOf(input, output), "alice/draw:1")).toBe(`"""The types of alice/draw:1."""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

# The URL of a file: https:, or data: for a small one.
FileUrl: TypeAlias = str

InputBox = TypedDict(
    "InputBox",
    {
        "x": NotRequired[float],
        "class": NotRequired[str],
    },
)

# What a prediction takes.
Input = TypedDict(
    "Input",
    {
        # What to
        # draw *\\/ now
        # At least 1 character, at most 9 characters.
        # Pattern: ^a
        "prompt": str,
        "image": FileUrl,
        # A whole number.
        # At least 1, at most 50.
        # Default: 20
        "steps": NotRequired[int],
        "size": NotRequired[Literal["s", "m", 512, True] | float],
        # More than 0.
        "guidance scale": NotRequired[float | None],
        # Deprecated.
        "words": NotRequired[str | list[str]],
        # A whole number.
        # At most 1.
        "seed": NotRequired[int],
        "box": NotRequired[InputBox],
    },
)

# What a prediction gives.
Output: TypeAlias = list[FileUrl]
`)
})

test("the JSON Schema accepts what the version takes, and nothing else", () => {
  const schema = JSON.parse(typesAsJsonSchema(formOf(input, output), "alice/draw:1"))
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile(schema)
  const least = { prompt: "ab", image: "https://example.com/a.png" }
  expect(accepts(least)).toBe(true)
  expect(accepts({ ...least, words: ["a"], "guidance scale": null, size: 512, steps: 50 })).toBe(true)
  for (const wrong of [
    { prompt: "b" },
    { image: undefined },
    { steps: 51 },
    { size: "l" },
    { words: [1] },
    { "guidance scale": 0 },
  ])
    expect(accepts(JSON.parse(JSON.stringify({ ...least, ...wrong }))), JSON.stringify(wrong)).toBe(false)
  expect(schema.$defs.Output).toEqual({ description: "What a prediction gives.", ...output })
})

test("numbers stay as they were pushed", () => {
  const form = readForm(
    '{"components":{"schemas":{"Input":{"properties":{"seed":{"type":"integer","maximum":18446744073709551615,"default":9223372036854775807}}}}}}',
  )
  expect(typesAsJsonSchema(form, "v")).toContain('"maximum": 18446744073709551615')
  expect(typesAsJsonSchema(form, "v")).toContain('"default": 9223372036854775807')
})

// ALL_SCHEMAS=1 tests every schema.
const every = process.env.ALL_SCHEMAS === "1" ? 1 : 20

test("the types of published schemas, and of a hostile one, compile", { timeout: 120_000 }, () => {
  const folder = temporaryFolder("types")
  const published = models
    .filter((_, n) => n % every === 0)
    .flatMap(({ latest_version }) =>
      latest_version?.openapi_schema ? [readForm(JSON.stringify(latest_version.openapi_schema))] : [],
    )
  expect(published.length).toBeGreaterThan(100)
  const forms = [hostileForm, formOf({}), readForm("{}"), ...published]
  for (const [n, form] of forms.entries()) {
    writeFileSync(path.join(folder, `version${n}.ts`), typesInTypeScript(form, `alice/draw:${n} */`))
    writeFileSync(path.join(folder, `version${n}.py`), typesInPython(form, `alice/draw:${n}"""\n`))
    JSON.parse(typesAsJsonSchema(form, "v"))
  }
  writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { strict: true, noEmit: true, types: [], lib: ["es2022"], skipLibCheck: true },
      include: ["*.ts"],
    }),
  )
  const run = (command: string, args: string[]) => execFileSync(command, args, { cwd: folder, encoding: "utf8" })
  expect(run(path.resolve("node_modules/.bin/tsc"), ["-p", "."])).toBe("")
  // Runs each file, as an import would.
  const script = "import glob, runpy\nfor name in glob.glob('*.py'): runpy.run_path(name)\nprint('done')"
  writeFileSync(path.join(folder, "run.txt"), script)
  expect(run("python3", ["run.txt"]).trim()).toBe("done")
})

test("types in Python of many objects with one name take linear time", () => {
  const variants = Array.from({ length: 6000 }, (_, n) => ({ type: "object", properties: { [`v${n}`]: {} } }))
  const form = formOf({ type: "object", properties: { one: { anyOf: variants } } })
  const lookups = vi.spyOn(Set.prototype, "has")
  const types = typesInPython(form, "alice/draw:1")
  const count = lookups.mock.calls.length
  lookups.mockRestore()
  expect(types).toContain("class InputOne6000(TypedDict):")
  expect(count).toBeLessThan(30_000)
})
