import type { Field, Form, Shape } from "./read-form"
import { linesAbout, linesIn, partsOf, quoted } from "./type-parts"

/** The types of a version for TypeScript. */
export function typesInTypeScript(form: Form, version: string): string {
  const parts = partsOf(form).map(
    ({ name, says, shape }) => `/** ${says} */\nexport type ${name} = ${typeOf(shape, "")}\n`,
  )
  return [
    `// The types of ${linesIn(version).join(" ")}.\n`,
    "/** The URL of a file: https:, or data: for a small one. */\nexport type FileUrl = string\n",
    ...parts,
  ].join("\n")
}

function typeOf(shape: Shape, indent: string): string {
  const type = plainTypeOf(shape, indent)
  return shape.nullable && type !== "unknown" && type !== "null" ? `${type} | null` : type
}

function plainTypeOf({ kind, options = [], items, variants = [], fields }: Shape, indent: string): string {
  switch (kind) {
    case "string":
    case "secret":
    case "date-time":
      return "string"
    case "file":
      return "FileUrl"
    case "integer":
    case "number":
      return "number"
    case "boolean":
      return "boolean"
    case "choice":
      return either(options.map(literalOf))
    case "array": {
      const type = items ? typeOf(items, indent) : "unknown"
      return /^\w+$/.test(type) ? `${type}[]` : `Array<${type}>`
    }
    case "object":
      return fields ? objectOf(fields, indent) : "Record<string, unknown>"
    case "union":
      return either(variants.map((variant) => typeOf(variant, indent)))
    case "null":
      return "null"
    case "any":
      return "unknown"
  }
}

const either = (types: string[]) => (types.includes("unknown") ? "unknown" : [...new Set(types)].join(" | "))

const literalOf = (option: string): string =>
  option.startsWith('"') ? quoted(JSON.parse(option) as string) : /^[[{]/.test(option) ? "unknown" : option

function objectOf(fields: Field[], indent: string): string {
  if (fields.length === 0) return "Record<string, never>"
  const inner = `${indent}  `
  const members = fields.map((field) => {
    const optional = field.required ? "" : "?"
    const type = typeOf(field, inner)
    return `${commentOn(field, inner)}${inner}${keyOf(field.name)}${optional}: ${type}\n`
  })
  return `{\n${members.join("")}${indent}}`
}

function commentOn(field: Field, indent: string): string {
  const lines = [...linesAbout(field), ...(field.deprecated ? ["@deprecated"] : [])]
  if (lines.length === 0) return ""
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`
}

const keyOf = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name))
