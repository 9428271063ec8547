import Big from "big.js"

import type { Field, Shape } from "./read-form"

/** Whether compatibility is judged for senders or readers: readers treat a file's URL differently from text. */
export type Side = "sending" | "reading"

/** The maximum number of steps per comparison; real models take hundreds. */
const maxSteps = 300_000
type Context = { side: Side; left: number }

/** Whether every value of one shape is also a value of the other. False if undecidable, or too costly to decide. */
export const isCompatible = (value: Shape, shape: Shape, side: Side = "sending"): boolean =>
  isWithin(value, shape, { side, left: maxSteps })

function isWithin(value: Shape, shape: Shape, context: Context): boolean {
  if (context.left-- <= 0) return false
  if (shape.kind === "any") return true
  if (value.kind === "any") return false
  if (value.kind === "null") return shape.nullable === true || shape.kind === "null"
  if (value.nullable && !shape.nullable && !acceptsNull(shape)) return false
  if (value.kind === "union") return value.variants!.every((one) => isWithin(one, shape, context))
  if (value.kind === "choice") return value.options!.every((option) => accepts(shape, option, context))
  if (value.kind === "boolean" && shape.kind === "choice")
    return ["true", "false"].every((option) => optionsOf(shape).has(option))
  if (shape.kind === "union") return shape.variants!.some((one) => isWithin(withoutNull(value), one, context))
  switch (value.kind) {
    case "integer":
    case "number":
      return isNumber(shape) && (shape.kind === "number" || value.kind === "integer") && withinBounds(value, shape)
    case "boolean":
      return shape.kind === "boolean"
    case "array":
      return shape.kind === "array" && isWithin(value.items!, shape.items!, context) && withinLengths(value, shape)
    case "object":
      return shape.kind === "object" && fieldsFit(value.fields ?? [], shape.fields ?? [], context)
    default:
      return textFits(value, shape, context.side)
  }
}

const texts = new Set(["string", "file", "secret", "date-time"])
const isNumber = ({ kind }: Shape) => kind === "integer" || kind === "number"
const acceptsNull = (shape: Shape) =>
  shape.kind === "null" ||
  (shape.kind === "union" && shape.variants!.some((one) => one.nullable || one.kind === "null"))
const withoutNull = (shape: Shape): Shape => without(shape, "nullable")

/** A shape without some of its properties. */
export const without = <K extends keyof Shape>(shape: Shape, ...words: K[]): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([word]) => !words.includes(word as K))) as Shape

function textFits(value: Shape, shape: Shape, side: Side): boolean {
  if (!texts.has(shape.kind)) return false
  const strict = shape.kind === "file" || shape.kind === "date-time"
  if (strict && value.kind !== shape.kind) return false
  if (side === "reading" && value.kind === "file" && shape.kind !== "file") return false
  return withinLengths(value, shape) && (shape.pattern === undefined || shape.pattern === value.pattern)
}

function withinBounds(value: Shape, shape: Shape): boolean {
  const low =
    shape.min === undefined ||
    (value.min !== undefined && isBeyond(compare(value.min, shape.min), shape.above, value.above))
  const high =
    shape.max === undefined ||
    (value.max !== undefined && isBeyond(compare(shape.max, value.max), shape.below, value.below))
  return low && high
}

/** Of two equal bounds, the exclusive one is narrower. */
const isBeyond = (difference: number, wideExcludes?: true, narrowExcludes?: true) =>
  difference > 0 || (difference === 0 && (!wideExcludes || narrowExcludes === true))

const withinLengths = (value: Shape, shape: Shape) =>
  (shape.shortest ?? 0) <= (value.shortest ?? 0) && (shape.longest ?? Infinity) >= (value.longest ?? Infinity)

function fieldsFit(values: Field[], fields: Field[], context: Context): boolean {
  const given = new Map(values.map((field) => [field.name, field]))
  return fields.every((field) => {
    const value = given.get(field.name)
    if (!value) return !field.required
    return (value.required || !field.required) && isWithin(value, field, context)
  })
}

/** Whether a JSON value matches a shape. */
function accepts(shape: Shape, option: string, context: Context): boolean {
  if (context.left-- <= 0) return false
  if (shape.kind === "any") return true
  if (shape.kind === "choice") return optionsOf(shape).has(option)
  if (shape.kind === "union") return shape.variants!.some((one) => accepts(one, option, context))
  if (option === "true" || option === "false") return shape.kind === "boolean"
  if (option.startsWith('"')) {
    const length = [...(JSON.parse(option) as string)].length
    return textFits({ kind: "string", type: "", shortest: length, longest: length }, shape, context.side)
  }
  if (!/^-?\d/.test(option)) return false
  const whole = new Big(option).mod(1).eq(0)
  return isWithin({ kind: whole ? "integer" : "number", type: "", min: option, max: option }, shape, context)
}

const optionsOf = ({ options }: Shape): Set<string> => {
  const known = sets.get(options!) ?? new Set(options)
  sets.set(options!, known)
  return known
}
const sets = new WeakMap<string[], Set<string>>()

/** Exact, because bounds may exceed JavaScript's number range. */
export const compare = (one: string | number, other: string | number): number => new Big(one).cmp(other)
