import type { Fields } from "@/lib/problem"
import type { Field, Shape } from "@/lib/versions/read-form"
import { complaintOf, fits } from "./check-value"
import { jsonText } from "./json-text"
import { branchesOf, branchOf, chosenBranch } from "./union"

/** The name of the control of an input. The prefix keeps it apart from the other controls of the form. */
export const controlOf = (name: string): string => `input.${name}`

/** The name of the control that takes the whole input as JSON, for schemas that are too large for a form. */
export const wholeInput = "input"

export type ReadInput = { input: Record<string, unknown>; complaints: Fields }

/**
 * Reads an input from the texts of a form. Blank fields are omitted, except strings with a default. Texts that cannot
 * be parsed get an error under the name of their control. Values are not validated against the schema.
 */
export function readInput(fields: Field[], textOf: (control: string) => string | undefined): ReadInput {
  const input: Record<string, unknown> = {}
  const complaints: Fields = {}
  for (const field of fields) {
    const control = controlOf(field.name)
    // Browsers do not send unchecked checkboxes.
    const text = textOf(control) ?? (isBox(field) ? "false" : undefined)
    if (text === undefined || (text.trim() === "" && !(field.kind === "string" && field.default !== undefined)))
      continue
    try {
      input[field.name] = valueOf(chosenBranch(field, textOf(branchOf(field.name))) ?? field, text)
    } catch (error) {
      complaints[control] = (error as Error).message
    }
  }
  return { input, complaints }
}

const isBox = ({ kind, required, default: preset }: Field) => kind === "boolean" && (required || preset !== undefined)

/** Reads the whole input from one JSON text. */
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

function valueOf(shape: Shape, text: string): unknown {
  switch (shape.kind) {
    case "integer":
    case "number": {
      const trimmed = text.trim()
      const number = Number(trimmed)
      if (trimmed === "" || !Number.isFinite(number)) throw new Error("Enter a number.")
      // An integer that JavaScript would round stays a string, which the server parses exactly.
      return Number.isInteger(number) && !Number.isSafeInteger(number) ? trimmed : number
    }
    case "boolean":
      return text === "true"
    case "choice":
      return JSON.parse(text)
    case "array":
    case "object":
    case "null":
      return json(text)
    case "union":
    case "any":
      return takesText(shape) ? jsonOrText(text) : json(text)
    case "file":
      return text.trim()
    default:
      return text
  }
}

/** Whether a value may be a string among other types. Then a text that is not JSON is taken as a string. */
const takesText = ({ kind, variants }: Shape): boolean =>
  kind === "any" || (variants ?? []).some((one) => textual.has(one.kind) || takesText(one))
const textual = new Set<Shape["kind"]>(["string", "file", "secret", "date-time", "any"])

function jsonOrText(text: string): unknown {
  try {
    return json(text)
  } catch {
    return text
  }
}

type Revive = (key: string, value: unknown, context?: { source?: string }) => unknown

/** Keeps an integer that JavaScript would round as a string, which the server parses exactly. */
const unrounded: Revive = (_key, value, context) =>
  typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? (context?.source ?? value)
    : value

function json(text: string): unknown {
  try {
    return JSON.parse(text, unrounded as (key: string, value: unknown) => unknown)
  } catch (error) {
    throw new Error(`This is not valid JSON: ${(error as Error).message.replace(/\.$/, "").slice(0, 160)}.`, {
      cause: error,
    })
  }
}

/** The text of a control for a value. */
export function textFor({ kind }: Pick<Field, "kind">, value: unknown): string {
  if (value === undefined || value === null) return ""
  if (typeof value === "bigint") return String(value)
  if (kind === "choice") return JSON.stringify(value)
  if (typeof value === "string" && (!mixed.has(kind) || !isJson(value))) return value
  return typeof value === "object" || mixed.has(kind) ? jsonText(value, 2) : String(value)
}
const mixed = new Set<Field["kind"]>(["array", "object", "union", "any", "null"])

const isJson = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The initial variant and text of a union: the variant submitted before, or the first that fits the value. */
export function startOfUnion(field: Field, text: string, sent?: string): { branch: number; text: string } {
  if (chosenBranch(field, sent)) return { branch: Number(sent), text }
  const value = unionValue(field, text)
  const found = branchesOf(field).findIndex((branch) => value !== undefined && fits(branch, value))
  if (found < 0) return { branch: 0, text }
  return { branch: found, text: textFor(branchesOf(field)[found]!, value) }
}

function unionValue(field: Field, text: string): unknown {
  try {
    return text.trim() === "" ? undefined : valueOf(field, text)
  } catch {
    return undefined
  }
}

/** The texts of all controls of a form for an input; without an input, for the defaults. */
export const textsFor = (fields: Field[], input: Record<string, unknown> | null): Record<string, string> =>
  Object.fromEntries(
    fields.map((field) => [controlOf(field.name), input ? given(field, input[field.name]) : usual(field)]),
  )

const given = (field: Field, value: unknown): string =>
  field.kind === "choice" && value !== undefined && value !== null
    ? (optionFor(field, value) ?? JSON.stringify(value))
    : textFor(field, value)

/** The text of a field's default. Empty if the schema forbids its own default, so that the form omits the field. */
function usual(field: Field): string {
  const value = field.default === undefined ? undefined : parsed(field.default)
  if (value === undefined) return ""
  if (field.kind === "choice") return optionFor(field, value) ?? ""
  return complaintOf(field, value) ? "" : textFor(field, value)
}

/** The option that equals a value, or has the same text. */
const optionFor = ({ options = [] }: Field, value: unknown): string | undefined =>
  options.find((option) => option === JSON.stringify(value)) ??
  options.find((option) => String(JSON.parse(option)) === String(value))

const parsed = (text: string): unknown => {
  try {
    return json(text)
  } catch {
    return undefined
  }
}
