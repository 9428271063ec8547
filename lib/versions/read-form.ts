// Parses a version's inputs and output from its schema. Runs in a worker thread (lib/worker/), so it imports only types
// from this project.

/** The kind of a value. */
export type Kind =
  | "string"
  | "file"
  | "secret"
  | "date-time"
  | "integer"
  | "number"
  | "boolean"
  | "choice"
  | "array"
  | "object"
  | "union"
  | "null"
  | "any"

/**
 * The type of an input or output. Unspecified properties are left out. Values and bounds are the pushed JSON text:
 * numbers may exceed JavaScript's range.
 */
export type Shape = {
  kind: Kind
  /** In words: "text", "whole number", "list of files". */
  type: string
  /** Whether `null` is valid too. */
  nullable?: true
  /** For choices. */
  options?: string[]
  /** The element type of an array. */
  items?: Shape
  /** The alternatives of a union. */
  variants?: Shape[]
  /** The fields of an object. */
  fields?: Field[]
  /** For numbers. `above` and `below` mark exclusive bounds. */
  min?: string
  max?: string
  above?: true
  below?: true
  /** For text in characters, for lists in elements. */
  shortest?: number
  longest?: number
  pattern?: string
  /** The media types of a file. */
  accept?: string
}

/** An input, or a field of an object. */
export type Field = Shape & {
  name: string
  title: string
  description?: string
  required: boolean
  default?: string
  deprecated?: true
}

export type Output = Shape & {
  /** How output arrives: at once, in parts, or as growing text. */
  arrives: "at once" | "piece by piece" | "as growing text"
}

/** The inputs and output of one operation. */
export type Operation = { inputs: Field[]; output: Output }

export type Form = Operation & {
  /** The form of training, if the model can be trained. */
  training: Operation | null
  /** Set if the schema describes training but not prediction. */
  trains_only?: true
  /** Set if the schema is too large to parse: inputs and output are then any JSON. */
  too_large: boolean
}

type Json = Record<string, unknown>

/** The maximum cost of a form in characters, about twenty times that of the largest published schema. */
const maxCharacters = 600_000
/** The base cost of a shape. */
const shapeCost = 40
/** The maximum nesting depth, deeper than in real schemas. */
const deepest = 12
const longestType = 200
const longestNumber = 100

class TooLarge extends Error {}

const open: Shape = { kind: "any", type: "anything" }

/** Parses a schema as pushed. Circular and dangling references become "any". */
export function readForm(schema: string): Form {
  const root = asObject(parsed(schema))
  try {
    const reader = readerOf(asObject(asObject(root.components).schemas))
    const training = reader.has("TrainingInput") ? reader.operation("TrainingInput", "TrainingOutput") : null
    const trains_only = training && !reader.has("Input") && { trains_only: true as const }
    return { ...reader.operation("Input", "Output"), training, ...trains_only, too_large: false }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return tooLargeForm
  }
}

/** The form of a schema that is too large to parse. */
export const tooLargeForm: Form = {
  inputs: [],
  output: { ...open, arrives: "at once" },
  training: null,
  too_large: true,
}

function readerOf(schemas: Json) {
  let left = maxCharacters
  const spend = (characters: number) => {
    left -= characters
    if (left < 0) throw new TooLarge()
  }

  const has = (name: string) => Object.hasOwn(schemas, name)
  const named = (ref: unknown) => {
    const name = typeof ref === "string" ? /^#\/components\/schemas\/(.+)$/s.exec(ref)?.[1] : undefined
    return name?.replaceAll("~1", "/").replaceAll("~0", "~")
  }

  // Each named schema is flattened once; one referenced while in progress is circular.
  const flat = new Map<string, Json | "begun">()
  function flattenedByName(name: string): Json {
    const known = flat.get(name)
    if (known) return known === "begun" ? {} : known
    flat.set(name, "begun")
    const made = flattened(has(name) ? schemas[name] : undefined)
    flat.set(name, made)
    return made
  }

  /** Resolves `$ref` and `allOf`; the schema's own keywords win. */
  function flattened(raw: unknown, depth = 0): Json {
    const { $ref, allOf, ...own } = asObject(raw)
    if (depth > deepest) return own
    const name = named($ref)
    const parts = [
      ...(name === undefined ? [] : [flattenedByName(name)]),
      ...(Array.isArray(allOf) ? allOf.map((part) => flattened(part, depth + 1)) : []),
    ]
    if (parts.length === 0) return own
    const all: Json = {}
    for (const part of [...parts, own]) {
      spend(Object.keys(part).length)
      const [before, now] = [asObject(all.properties), asObject(part.properties)]
      const required = [all.required, part.required].filter(Array.isArray)
      spend(Object.keys(before).length + Object.keys(now).length)
      Object.assign(all, part)
      if (part.properties !== undefined) all.properties = { ...before, ...now }
      if (required.length > 0) all.required = required.flat()
    }
    return all
  }

  // Shapes of named schemas are cached too; their cost is charged at each use.
  const shapes = new Map<string, { shape: Shape; cost: number } | "begun">()
  function shapeByName(name: string, depth: number): Shape {
    const known = shapes.get(name)
    if (known === "begun") return open
    if (known) {
      spend(known.cost)
      return known.shape
    }
    shapes.set(name, "begun")
    const before = left
    const shape = shapeOf(flattenedByName(name), depth)
    shapes.set(name, { shape, cost: before - left })
    return shape
  }

  /** The shape of a value. A plain reference is resolved once. */
  function shapeOf(raw: unknown, depth: number): Shape {
    spend(shapeCost)
    if (depth > deepest) return open
    const { $ref, ...beside } = asObject(raw)
    const name = named($ref)
    if (name !== undefined && Object.keys(beside).every((word) => words.has(word))) return shapeByName(name, depth)
    const one = flattened(raw)
    const shape = kindOf(one, depth)
    return one.nullable === true && !shape.nullable ? { ...shape, nullable: true } : shape
  }

  function kindOf(one: Json, depth: number): Shape {
    const values = Array.isArray(one.enum) ? one.enum : "const" in one ? [one.const] : undefined
    if (values) return choiceOf(values)
    const choices = [one.anyOf, one.oneOf].find(Array.isArray) as unknown[] | undefined
    if (choices) return unionOf(choices, one, depth)
    if (Array.isArray(one.type)) {
      if (one.type.length === 1) return typed(one, one.type[0], depth)
      return unionOf(
        one.type.map((type) => ({ ...one, type })),
        {},
        depth,
      )
    }
    return typed(one, one.type, depth)
  }

  function choiceOf(values: unknown[]): Shape {
    const options = [...new Set(values.filter((value) => value !== null).map((value) => JSON.stringify(value)))]
    spend(options.reduce((sum, option) => sum + option.length + 3, 0))
    if (options.length === 0) return values.length > 0 ? { kind: "null", type: "nothing" } : open
    return { kind: "choice", type: "choice", options, ...(options.length < values.length && nullIn(values)) }
  }

  function unionOf(choices: unknown[], around: Json, depth: number): Shape {
    const shapes = choices.map((choice) => shapeOf(choice, depth + 1))
    const some = shapes.filter(({ kind }) => kind !== "null")
    const nullable =
      (some.length < shapes.length || some.some((shape) => shape.nullable)) && ({ nullable: true } as const)
    const distinct = [...new Map(some.map(withoutNull).map((shape) => [JSON.stringify(shape), shape])).values()]
    if (distinct.length === 0) return shapes.length > 0 ? { kind: "null", type: "nothing" } : open
    // Keywords around a single choice apply to it.
    if (distinct.length === 1) return { ...distinct[0]!, ...boundsOf(around), ...nullable }
    if (distinct.some(({ kind }) => kind === "any")) return { ...open, ...nullable }
    const type = [...new Set(distinct.map((shape) => shape.type))].join(" or ")
    return { kind: "union", type: shortened(type), variants: distinct, ...nullable }
  }

  function typed(one: Json, type: unknown, depth: number): Shape {
    if (type === "string") return { ...stringOf(one), ...lengths(one.minLength, one.maxLength), ...patternOf(one) }
    if (type === "integer") return { kind: "integer", type: "whole number", ...boundsOf(one) }
    if (type === "number") return { kind: "number", type: "number", ...boundsOf(one) }
    if (type === "boolean") return { kind: "boolean", type: "yes or no" }
    if (type === "null") return { kind: "null", type: "nothing" }
    if (type === "array") {
      const items = shapeOf(one.items ?? {}, depth + 1)
      return {
        kind: "array",
        type: shortened(`list of ${plural(items)}`),
        items,
        ...lengths(one.minItems, one.maxItems),
      }
    }
    if (type === "object" || one.properties !== undefined || one.additionalProperties !== undefined) {
      const fields = fieldsOf(one, depth + 1)
      return { kind: "object", type: "object", ...(fields.length > 0 && { fields }) }
    }
    // Unknown types are custom classes of the author.
    return typeof type === "string" ? { kind: "object", type: "object" } : open
  }

  function stringOf(one: Json): Shape {
    if (one.format === "uri") {
      const accept = textIn(one["x-cog-accept"])
      return { kind: "file", type: "file", ...(accept !== undefined && { accept }) }
    }
    if (one.format === "password" || one["x-cog-secret"] === true) return { kind: "secret", type: "secret" }
    if (one.format === "date-time") return { kind: "date-time", type: "moment" }
    return { kind: "string", type: "text" }
  }

  function patternOf({ pattern }: Json) {
    const text = textIn(pattern)
    if (text === undefined) return {}
    spend(text.length)
    return { pattern: text }
  }

  function fieldsOf(holder: Json, depth: number): Field[] {
    const required = new Set(Array.isArray(holder.required) ? holder.required : [])
    const properties = Object.entries(asObject(holder.properties)).map(([name, raw]) => {
      const one = flattened(raw)
      return { name, raw, one, order: numberIn(one["x-order"]) ?? Infinity }
    })
    return properties
      .sort((a, b) => (a.order === b.order ? 0 : a.order - b.order))
      .map(({ name, raw, one }) => {
        const [title, description] = [textIn(one.title) ?? name, textIn(one.description)]
        const value = one.default === undefined || one.default === null ? undefined : JSON.stringify(one.default)
        spend(name.length + title.length + (description?.length ?? 0) + (value?.length ?? 0))
        return {
          name,
          title,
          ...(description !== undefined && { description }),
          required: required.has(name) && one.default === undefined,
          ...(value !== undefined && { default: value }),
          ...(one.deprecated === true && { deprecated: true as const }),
          ...shapeOf(raw, depth),
        }
      })
  }

  function operation(input: string, output: string): Operation {
    const given = has(output) ? schemas[output] : {}
    const one = flattened(given)
    const arrives =
      one["x-cog-array-type"] !== "iterator"
        ? "at once"
        : one["x-cog-array-display"] === "concatenate"
          ? "as growing text"
          : "piece by piece"
    return { inputs: fieldsOf(flattenedByName(input), 0), output: { ...shapeOf(given, 0), arrives } }
  }

  return { has, operation }
}

/** Keywords beside a reference that do not change its shape. */
const words = new Set([
  "default",
  "description",
  "title",
  "x-order",
  "deprecated",
  "example",
  "examples",
  "readOnly",
  "writeOnly",
])

function withoutNull(shape: Shape): Shape {
  const rest = { ...shape }
  delete rest.nullable
  return rest
}

const nullIn = (values: unknown[]) => values.includes(null) && ({ nullable: true } as const)

function boundsOf(one: Json) {
  // In OpenAPI 3.0, exclusive bounds are flags; since 3.1 they are the bounds.
  const [above, below] = [numberText(one.exclusiveMinimum), numberText(one.exclusiveMaximum)]
  const [min, max] = [above ?? numberText(one.minimum), below ?? numberText(one.maximum)]
  return {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...((above !== undefined || (one.exclusiveMinimum === true && min !== undefined)) && { above: true as const }),
    ...((below !== undefined || (one.exclusiveMaximum === true && max !== undefined)) && { below: true as const }),
  }
}

function lengths(least: unknown, most: unknown) {
  const [shortest, longest] = [numberIn(least), numberIn(most)]
  return { ...(shortest !== undefined && { shortest }), ...(longest !== undefined && { longest }) }
}

const plurals: Record<string, string> = {
  text: "texts",
  file: "files",
  "whole number": "whole numbers",
  number: "numbers",
  object: "objects",
  secret: "secrets",
  choice: "choices",
  moment: "moments",
}
const plural = ({ type }: Shape) =>
  plurals[type] ?? (type.startsWith("list of ") ? type.replace(/^list/, "lists") : type)

/** Shortens very long type names. */
const shortened = (type: string) =>
  type.length <= longestType ? type : type.startsWith("list of ") ? "list of anything" : "one of many things"

type Raw = { rawJSON: string }
const { parse, rawJSON, isRawJSON } = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): Raw
  isRawJSON(value: unknown): value is Raw
}

/** Parses JSON, preserving numbers that JavaScript would round. */
const parsed = (text: string): unknown =>
  parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  )

/** The text of a number, however large. */
function numberText(value: unknown): string | undefined {
  const text = isRawJSON(value) ? value.rawJSON : typeof value === "number" ? String(value) : undefined
  return text !== undefined && text.length <= longestNumber ? text : undefined
}

function numberIn(value: unknown): number | undefined {
  const number = Number(numberText(value))
  return Number.isFinite(number) ? number : undefined
}

const asObject = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isRawJSON(value) ? (value as Json) : {}
const textIn = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value : undefined
