import type { Field, Shape } from "@/lib/versions/read-form"
import { jsonText } from "./json-text"
import { branchesOf } from "./union"

/**
 * The error of a form's value that can be found immediately: it is missing or out of bounds. Patterns are checked in a
 * worker (match-pattern.ts). The server checks everything, including the contents of lists and objects.
 */
export function complaintOf(field: Field, value: unknown): string | undefined {
  if (value === undefined) return field.required ? "This is required." : undefined
  return wrongWith(field, value)
}

function wrongWith(shape: Shape, value: unknown): string | undefined {
  switch (shape.kind) {
    case "integer":
    case "number":
      return numberComplaint(shape, value)
    case "string":
    case "secret":
      return typeof value === "string" ? lengthComplaint(shape, [...value].length, "character") : undefined
    case "file":
      return typeof value === "string" && !/^(https?:\/\/\S|data:)/i.test(value)
        ? "Enter an address that begins with https:// or data:, or choose a file."
        : undefined
    case "date-time":
      return typeof value === "string" && Number.isNaN(Date.parse(value))
        ? "Enter a date and time, such as 2026-01-31T12:00:00Z."
        : undefined
    case "array":
      if (!Array.isArray(value)) return "Enter a list, such as []."
      return lengthComplaint(shape, value.length, "entry") ?? entryComplaint(shape, value)
    case "object":
      return typeof value !== "object" || value === null || Array.isArray(value)
        ? "Enter an object, such as {}."
        : undefined
    case "union":
      return unionComplaint(branchesOf(shape), value)
    default:
      return undefined
  }
}

function unionComplaint(branches: Shape[], value: unknown): string | undefined {
  if (branches.some((branch) => fits(branch, value))) return undefined
  const meant = branches.find((branch) => isOfKind(branch, value))
  return meant ? wrongWith(meant, value) : "This has none of the forms to choose from."
}

/** Whether a value is of a type and within its bounds, as far as forms can tell. */
export const fits = (shape: Shape, value: unknown): boolean =>
  isOfKind(shape, value) && wrongWith(shape, value) === undefined

function isOfKind(shape: Shape, value: unknown): boolean {
  switch (shape.kind) {
    case "integer":
    case "number":
      // Integers that JavaScript would round are kept as text.
      return ["number", "bigint"].includes(typeof value) || (typeof value === "string" && /^-?\d{16,400}$/.test(value))
    case "boolean":
      return typeof value === "boolean"
    case "choice":
      return shape.options?.includes(jsonText(value)) ?? false
    case "array":
      return Array.isArray(value)
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value)
    case "union":
      return branchesOf(shape).some((branch) => isOfKind(branch, value))
    case "null":
      return value === null
    case "any":
      return true
    default:
      return typeof value === "string"
  }
}

function entryComplaint({ items }: Shape, values: unknown[]): string | undefined {
  if (!items || items.kind === "array" || items.kind === "object") return undefined
  for (const [at, value] of values.entries()) {
    const wrong = wrongType(items, value) ?? wrongWith(items, value)
    if (wrong) return `Entry ${at + 1}: ${wrong}`
  }
  return undefined
}

function wrongType({ kind }: Shape, value: unknown): string | undefined {
  if (["string", "file", "secret", "date-time"].includes(kind) && typeof value !== "string")
    return "Enter a text in quotes."
  if (kind === "boolean" && typeof value !== "boolean") return "Enter true or false."
  return undefined
}

function numberComplaint(shape: Shape, value: unknown): string | undefined {
  // Integers that JavaScript would round are kept as text; rounding does not matter for bounds.
  const number = Number(value)
  if (typeof value === "object" || Number.isNaN(number)) return "Enter a number."
  if (shape.kind === "integer" && !Number.isInteger(number)) return "Enter a whole number."
  const [min, max] = [Number(shape.min ?? -Infinity), Number(shape.max ?? Infinity)]
  if (shape.above ? number <= min : number < min) return `Enter ${shape.above ? "more than" : "at least"} ${shape.min}.`
  if (shape.below ? number >= max : number > max) return `Enter ${shape.below ? "less than" : "at most"} ${shape.max}.`
  return undefined
}

function lengthComplaint({ shortest, longest }: Shape, length: number, unit: "character" | "entry") {
  const count = (most: number) =>
    `${most.toLocaleString("en-US")} ${most === 1 ? unit : unit === "entry" ? "entries" : "characters"}`
  if (shortest !== undefined && length < shortest) return `Enter at least ${count(shortest)}.`
  if (longest !== undefined && length > longest)
    return `Enter at most ${count(longest)}; these are ${length.toLocaleString("en-US")}.`
  return undefined
}
