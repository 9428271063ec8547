import type { Field, Form, Shape } from "./read-form"
import { linesAbout, linesIn, partsOf, quoted } from "./type-parts"

/** The types of a version for Python 3.11 and later, as typed dictionaries. */
export function typesInPython(form: Form, version: string): string {
  const definitions: string[] = []
  const names = new Set<string>()
  const nextNumbers = new Map<string, number>()

  /** Defines a typed dictionary after those that it refers to. Returns its name. */
  function define(wanted: string, fields: Field[], says = ""): string {
    const name = unused(wanted)
    names.add(name)
    const members = fields.map((field) => {
      const type = typeOf(field, `${wanted}${inCapitals(field.name)}`)
      return { field, type: field.required ? type : `NotRequired[${type}]` }
    })
    definitions.push(says + (isPlain(fields) ? classOf(name, members) : callOf(name, members)))
    return name
  }

  /** Continues after the last number of a name, so that many objects of one name take linear time. */
  function unused(wanted: string): string {
    if (!names.has(wanted)) return wanted
    let n = nextNumbers.get(wanted) ?? 2
    while (names.has(`${wanted}${n}`)) n++
    nextNumbers.set(wanted, n + 1)
    return `${wanted}${n}`
  }

  function typeOf(shape: Shape, name: string): string {
    const type = plainTypeOf(shape, name)
    return shape.nullable && type !== "Any" && type !== "None" ? `${type} | None` : type
  }

  function plainTypeOf({ kind, options = [], items, variants = [], fields }: Shape, name: string): string {
    switch (kind) {
      case "string":
      case "secret":
      case "date-time":
        return "str"
      case "file":
        return "FileUrl"
      case "integer":
        return "int"
      case "number":
        return "float"
      case "boolean":
        return "bool"
      case "choice":
        return choiceOf(options)
      case "array":
        return `list[${items ? typeOf(items, name) : "Any"}]`
      case "object":
        return fields ? define(name, fields) : "dict[str, Any]"
      case "union":
        return either(variants.map((variant) => typeOf(variant, name)))
      case "null":
        return "None"
      case "any":
        return "Any"
    }
  }

  for (const { name, says, shape } of partsOf(form)) {
    if (shape.kind === "object" && shape.fields && !shape.nullable) {
      define(name, shape.fields, `# ${says}\n`)
      continue
    }
    const type = typeOf(shape, `${name}Item`)
    definitions.push(`# ${says}\n${name}: TypeAlias = ${type}`)
  }
  return [
    `"""The types of ${linesIn(version).join(" ").replaceAll(/["\\]/g, "'")}."""`,
    "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict",
    "# The URL of a file: https:, or data: for a small one.\nFileUrl: TypeAlias = str",
    ...definitions,
  ]
    .join("\n\n")
    .concat("\n")
}

const either = (types: string[]) => (types.includes("Any") ? "Any" : [...new Set(types)].join(" | "))

/** Python's `Literal` supports text, integers and booleans; for other values, the type is used. */
function choiceOf(options: string[]): string {
  const literals = options.flatMap((option) => literalOf(option) ?? [])
  const others = options.filter((option) => literalOf(option) === undefined)
  return either([
    ...(literals.length > 0 ? [`Literal[${[...new Set(literals)].join(", ")}]`] : []),
    ...others.map((option) => (/^[[{]/.test(option) ? "Any" : "float")),
  ])
}

function literalOf(option: string): string | undefined {
  if (option.startsWith('"')) return quoted(JSON.parse(option) as string)
  if (option === "true") return "True"
  if (option === "false") return "False"
  return /^-?\d{1,4000}$/.test(option) ? option : undefined
}

type Member = { field: Field; type: string }

const classOf = (name: string, members: Member[]) =>
  `class ${name}(TypedDict):\n${
    members.length === 0
      ? "    pass"
      : members.map(({ field, type }) => `${commentOn(field)}    ${field.name}: ${type}`).join("\n")
  }`

/** For keys that are not valid attribute names. */
const callOf = (name: string, members: Member[]) =>
  `${name} = TypedDict(\n    ${quoted(name)},\n    {\n${members
    .map(({ field, type }) => `${commentOn(field, "        ")}        ${quoted(field.name)}: ${type},`)
    .join("\n")}\n    },\n)`

function commentOn(field: Field, indent = "    "): string {
  const lines = [...linesAbout(field), ...(field.deprecated ? ["Deprecated."] : [])]
  return lines.map((line) => `${indent}# ${line}\n`).join("")
}

/** Python keywords, and names that the generated types use. */
const reserved = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda " +
    "nonlocal not or pass raise return try while with yield str int float bool list dict Any Literal NotRequired TypeAlias TypedDict FileUrl"
  ).split(" "),
)
const isPlain = (fields: Field[]) =>
  fields.every(({ name }) => /^[A-Za-z]\w*$/.test(name) && !reserved.has(name)) &&
  new Set(fields.map(({ name }) => name)).size === fields.length

const inCapitals = (name: string) =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 40).replace(/^./, (letter) => letter.toUpperCase()))
    .join("")
    .slice(0, 80) || "Value"
