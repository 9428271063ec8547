import type { Fields } from "@/lib/problem"
import type { Field } from "@/lib/versions/read-form"

/** How the form names the control of an input; other controls of the form cannot be called like that. */
export const controlOf = (name: string): string => `input.${name}`

/** The control of a schema that is too large for a form, and so takes any JSON. */
export const wholeInput = "input"

export type ReadInput = { input: Record<string, unknown>; complaints: Fields }

/**
 * The input that a form's texts stand for. An optional field that is left blank is left out; what cannot be read gets a complaint under the
 * name of its control. Whether the values will do is for the version's schema to say.
 */
export function readInput(fields: Field[], textOf: (control: string) => string | undefined): ReadInput {
  const input: Record<string, unknown> = {}
  const complaints: Fields = {}
  for (const field of fields) {
    const control = controlOf(field.name)
    const text = textOf(control)
    if (text === undefined || (text.trim() === "" && !(field.kind === "string" && field.default !== undefined)))
      continue
    try {
      input[field.name] = valueOf(field, text)
    } catch (error) {
      complaints[control] = (error as Error).message
    }
  }
  return { input, complaints }
}

/** The same of a text that holds all of the input as JSON. */
export function readWholeInput(text: string): ReadInput {
  try {
    const input = json(text.trim() === "" ? "{}" : text)
    if (typeof input === "object" && input !== null && !Array.isArray(input))
      return { input: input as Record<string, unknown>, complaints: {} }
    return { input: {}, complaints: { [wholeInput]: "Enter a JSON object, such as {}." } }
  } catch (error) {
    return { input: {}, complaints: { [wholeInput]: (error as Error).message } }
  }
}

function valueOf(field: Field, text: string): unknown {
  switch (field.kind) {
    case "integer":
    case "number": {
      const trimmed = text.trim()
      const number = Number(trimmed)
      if (trimmed === "" || !Number.isFinite(number)) throw new Error("Enter a number.")
      // A number that JavaScript cannot hold stays a text, which the server reads as the number it is.
      return Number.isInteger(number) && !Number.isSafeInteger(number) ? trimmed : number
    }
    case "boolean":
      return text === "true"
    case "choice":
      return JSON.parse(text)
    case "array":
    case "object":
    case "union":
    case "any":
    case "null":
      return json(text)
    case "file":
      return text.trim()
    default:
      return text
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`This is not valid JSON: ${(error as Error).message.replace(/\.$/, "").slice(0, 160)}.`, {
      cause: error,
    })
  }
}

/** What a control shows of a value, or of a default as the schema has it. */
export function textFor({ kind }: Pick<Field, "kind">, value: unknown): string {
  if (value === undefined || value === null) return ""
  if (kind === "choice") return JSON.stringify(value)
  if (typeof value === "string" && !["array", "object", "union", "any", "null"].includes(kind)) return value
  return typeof value === "object" || ["array", "object", "union", "any", "null"].includes(kind)
    ? JSON.stringify(value, null, 2)
    : String(value)
}
