type Json = Record<string, unknown>

/** An input or a part of an output, as people read it. */
export type Field = {
  name: string
  title: string
  /** In words: "text", "whole number", "list of files". */
  type: string
  description: string | null
  required: boolean
  /** As JSON, so that an empty text can be told from none. */
  default: string | null
  /** The choices, as JSON. */
  options: string[] | null
  min: number | null
  max: number | null
  shortest: number | null
  longest: number | null
  deprecated: boolean
}

export type Output = {
  type: string
  /** How it comes: all at once, piece by piece, or as a text that grows. */
  arrives: "at once" | "piece by piece" | "as growing text"
  fields: Field[]
}

/** What a model takes, in the order its author gave. */
export function inputsOf(schema: unknown): Field[] {
  const input = resolved(schemasOf(schema).Input, schema)
  const required = new Set(Array.isArray(input.required) ? (input.required as string[]) : [])
  return fieldsIn(input, required, schema, 0)
}

/** Something for everything that has to be given, to try a model with. */
export const exampleInput = (fields: Field[]): Record<string, unknown> =>
  Object.fromEntries(fields.filter((field) => field.required).map((field) => [field.name, exampleOf(field)]))

function exampleOf({ options, type, min }: Field): unknown {
  if (options?.length) return JSON.parse(options[0]!)
  if (type === "whole number" || type === "number") return min ?? 1
  if (type === "yes or no") return true
  if (type === "file") return "https://example.com/file"
  if (type === "object") return {}
  return type.startsWith("list of") ? [] : "…"
}

/** What a model gives. */
export function outputOf(schema: unknown): Output {
  const output = resolved(schemasOf(schema).Output, schema)
  const part = output.type === "array" ? resolved(output.items, schema) : output
  const required = new Set(Array.isArray(part.required) ? (part.required as string[]) : [])
  return {
    type: typeOf(output, schema),
    arrives:
      output["x-cog-array-type"] !== "iterator"
        ? "at once"
        : output["x-cog-array-display"] === "concatenate"
          ? "as growing text"
          : "piece by piece",
    fields: fieldsIn(part, required, schema, 0),
  }
}

function fieldsIn(holder: Json, required: Set<string>, schema: unknown, depth: number): Field[] {
  const properties = Object.entries(asObject(holder.properties)).map(([name, raw]) => ({
    name,
    raw,
    one: flattened(raw, schema, depth),
  }))
  const placeOf = ({ one }: (typeof properties)[number]) => numberIn(one["x-order"]) ?? Infinity
  return properties
    .sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)))
    .map(({ name, raw, one }) => {
      const options = Array.isArray(one.enum) ? one.enum : "const" in one ? [one.const] : null
      return {
        name,
        title: textIn(one.title) ?? name,
        type: typeOf(raw, schema),
        description: textIn(one.description),
        required: required.has(name) && one.default === undefined,
        default: one.default === undefined || one.default === null ? null : JSON.stringify(one.default),
        options: options && options.map((option) => JSON.stringify(option)),
        min: numberIn(one.minimum) ?? numberIn(one.exclusiveMinimum),
        max: numberIn(one.maximum) ?? numberIn(one.exclusiveMaximum),
        shortest: numberIn(one.minLength) ?? numberIn(one.minItems),
        longest: numberIn(one.maxLength) ?? numberIn(one.maxItems),
        deprecated: one.deprecated === true,
      }
    })
}

/** Deeper than any schema people write; one that refers to itself ends here. */
const deepest = 8

/** The kind of value in words. What a schema leaves open is "anything". */
function typeOf(raw: unknown, schema: unknown, depth = 0): string {
  if (depth > deepest) return "anything"
  const one = flattened(raw, schema, depth)
  if (Array.isArray(one.enum) || "const" in one) return "choice"
  const choices = [one.anyOf, one.oneOf].find(Array.isArray) as unknown[] | undefined
  if (choices) {
    const kinds = [
      ...new Set(
        choices.filter((choice) => asObject(choice).type !== "null").map((choice) => typeOf(choice, schema, depth + 1)),
      ),
    ]
    return kinds.length ? kinds.join(" or ") : "anything"
  }
  const types = (Array.isArray(one.type) ? one.type : [one.type]).filter((type) => type !== "null")
  if (types.length > 1) return types.map((type) => typeOf({ ...one, type }, schema, depth + 1)).join(" or ")
  switch (types[0]) {
    case "string":
      return one.format === "uri"
        ? "file"
        : one.format === "password" || one["x-cog-secret"] === true
          ? "secret"
          : one.format === "date-time"
            ? "moment"
            : "text"
    case "integer":
      return "whole number"
    case "number":
      return "number"
    case "boolean":
      return "yes or no"
    case "array":
      return `list of ${plural(typeOf(one.items ?? {}, schema, depth + 1))}`
    case "null":
      return "nothing"
  }
  if (types[0] === "object" || one.properties !== undefined || one.additionalProperties !== undefined) return "object"
  // One of another kind is named after a shape of the author's own.
  return typeof types[0] === "string" ? "object" : "anything"
}

const plurals: Record<string, string> = {
  text: "texts",
  file: "files",
  "whole number": "whole numbers",
  number: "numbers",
  "yes or no": "yes or no",
  object: "objects",
  secret: "secrets",
  choice: "choices",
  moment: "moments",
}
const plural = (type: string) => plurals[type] ?? (type.startsWith("list of ") ? type.replace(/^list/, "lists") : type)

/** A schema with what it refers to and what it is all of put into it; its own words win. */
function flattened(raw: unknown, schema: unknown, depth: number): Json {
  const { allOf, ...own } = resolved(raw, schema)
  if (!Array.isArray(allOf) || depth > deepest) return own
  const parts = allOf.map((part) => flattened(part, schema, depth + 1))
  return Object.assign({}, ...parts, own)
}

function resolved(raw: unknown, schema: unknown): Json {
  let one = asObject(raw)
  for (let hops = 0; typeof one.$ref === "string" && hops < deepest; hops++) {
    const name = /^#\/components\/schemas\/(.+)$/.exec(one.$ref)?.[1]
    const { $ref: _, ...own } = one
    one = {
      ...asObject(name === undefined ? undefined : schemasOf(schema)[name.replaceAll("~1", "/").replaceAll("~0", "~")]),
      ...own,
    }
  }
  return one
}

const schemasOf = (schema: unknown): Json => asObject(asObject(asObject(schema).components).schemas)
const asObject = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {}
const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null)
const textIn = (value: unknown): string | null => (typeof value === "string" && value.trim() !== "" ? value : null)
