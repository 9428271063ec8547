import { parseAsWritten } from "@/lib/exact-json"
import type { Field, Form, Shape } from "./read-form"
import { partsOf } from "./type-parts"

type Json = Record<string, unknown>

/** The inputs of a version as JSON Schema; its output, and those of training, are among the definitions. */
export function typesAsJsonSchema(form: Form, version: string): string {
  const parts = partsOf(form)
  return JSON.stringify(
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: version,
      $ref: `#/$defs/${parts[0]!.name}`,
      $defs: Object.fromEntries(
        parts.map(({ name, says, shape }) => [name, { description: says, ...schemaOf(shape) }]),
      ),
    },
    null,
    2,
  ).concat("\n")
}

function schemaOf(shape: Shape): Json {
  const schema = plainSchemaOf(shape)
  return shape.nullable && Object.keys(schema).length > 0 ? { anyOf: [schema, { type: "null" }] } : schema
}

function plainSchemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case "string":
      return { type: "string", ...textBounds(shape) }
    case "file":
      return {
        type: "string",
        format: "uri",
        ...textBounds(shape),
        ...(shape.accept && { "x-cog-accept": shape.accept }),
      }
    case "secret":
      return { type: "string", format: "password", writeOnly: true, ...textBounds(shape) }
    case "date-time":
      return { type: "string", format: "date-time", ...textBounds(shape) }
    case "integer":
    case "number":
      return { type: shape.kind, ...numberBounds(shape) }
    case "boolean":
    case "null":
      return { type: shape.kind }
    case "choice":
      return { enum: (shape.options ?? []).map(parseAsWritten) }
    case "array":
      return {
        type: "array",
        ...(shape.items && { items: schemaOf(shape.items) }),
        ...(shape.shortest !== undefined && { minItems: shape.shortest }),
        ...(shape.longest !== undefined && { maxItems: shape.longest }),
      }
    case "object":
      return { type: "object", ...(shape.fields && propertiesOf(shape.fields)) }
    case "union":
      return { anyOf: (shape.variants ?? []).map(schemaOf) }
    case "any":
      return {}
  }
}

const textBounds = ({ shortest, longest, pattern }: Shape): Json => ({
  ...(shortest !== undefined && { minLength: shortest }),
  ...(longest !== undefined && { maxLength: longest }),
  ...(pattern !== undefined && { pattern }),
})

const numberBounds = ({ min, max, above, below }: Shape): Json => ({
  ...(min !== undefined && { [above ? "exclusiveMinimum" : "minimum"]: parseAsWritten(min) }),
  ...(max !== undefined && { [below ? "exclusiveMaximum" : "maximum"]: parseAsWritten(max) }),
})

function propertiesOf(fields: Field[]): Json {
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  return {
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    ...(required.length > 0 && { required }),
  }
}

const propertyOf = (field: Field): Json => ({
  ...(field.title !== field.name && { title: field.title }),
  ...(field.description !== undefined && { description: field.description }),
  ...schemaOf(field),
  ...(field.default !== undefined && { default: parseAsWritten(field.default) }),
  ...(field.deprecated && { deprecated: true }),
})
