import { createContext, Script } from "node:vm"

import { isNumeric, isWhole, numberOf } from "@/lib/exact-json"
import type { InvalidField } from "./invalid-input"

type Json = Record<string, unknown>

/** A check exceeds the step limit. */
export class TooMuchToCheck extends Error {}

/** What checks may cost: steps, and milliseconds of regular expressions. */
export type Budget = { steps: number; patience: number }

/** About a tenth of a second; real models take a few hundred steps. */
export const budgetOfInput = (): Budget => ({ steps: 200_000, patience: 300 })
/** For many inputs that are checked in one request. */
export const budgetOfInputs = (): Budget => ({ steps: 1_000_000, patience: 300 })

/** The maximum nesting depth of values and of schema references. */
const deepest = 64

/** The results of a check. */
export type Findings = {
  invalid: InvalidField[]
  /** The paths of file URLs in the value, as `image` or `images.0`. */
  files: string[]
}

/**
 * Validates values against the schemas of an OpenAPI document from Cog, converting text to numbers and booleans as
 * Cog's Python server does. Throws `TooMuchToCheck` beyond the step limit, whatever the document.
 */
export class Checker {
  constructor(
    private readonly schemas: Json,
    readonly findings: Findings = { invalid: [], files: [] },
    private readonly budget: Budget = budgetOfInput(),
  ) {}

  /** The converted value; the value itself if nothing was converted. Errors are in the findings. */
  check(raw: unknown, value: unknown, path: string, depth = 0): unknown {
    this.spend(1)
    if (depth > deepest) throw new TooMuchToCheck()
    if (raw === false) return this.refuse("false", path, "Nothing is allowed here", value)
    const schema = this.resolved(raw)
    if (value === null && allowsNull(schema)) return null

    const typed = this.ofType(schema, value, path)
    if (typed === wrong) return value
    let known = typed
    for (const part of listIn(schema.allOf)) known = this.check(part, known, path, depth + 1)
    if (Array.isArray(schema.anyOf)) known = this.anyOf(schema.anyOf, known, path, depth)
    if (Array.isArray(schema.oneOf)) known = this.oneOf(schema.oneOf, known, path, depth)
    if ("not" in schema && this.trial(schema.not, known, path, depth).ok)
      this.refuse("number_not", path, "Must not validate the schema (not)")
    this.choice(schema, known, path)

    if (typeof known === "string") this.text(schema, known, path)
    else if (isNumeric(known)) this.number(schema, known, path)
    else if (Array.isArray(known)) return this.list(schema, known, path, depth)
    else if (typeof known === "object" && known !== null) return this.object(schema, known as Json, path, depth)
    return known
  }

  /** A schema with its reference resolved; keywords beside the reference apply too. */
  resolved(raw: unknown): Json {
    let schema = asObject(raw)
    for (let hops = 0; typeof schema.$ref === "string"; hops++) {
      this.spend(1)
      if (hops > deepest) throw new TooMuchToCheck()
      const { $ref, ...beside } = schema
      schema = { ...this.named(String($ref)), ...beside }
    }
    return schema
  }

  private named(reference: string): Json {
    const name = /^#\/components\/schemas\/(.+)$/.exec(reference)?.[1]?.replaceAll("~1", "/").replaceAll("~0", "~")
    return name !== undefined && Object.hasOwn(this.schemas, name) ? asObject(this.schemas[name]) : {}
  }

  spend(steps: number) {
    this.budget.steps -= steps
    if (this.budget.steps < 0) throw new TooMuchToCheck()
  }

  private refuse<T>(type: string, field: string, description: string, value?: T): T | undefined {
    // More errors help nobody.
    if (this.findings.invalid.length < 100) this.findings.invalid.push({ type, field, description })
    return value
  }

  private ofType(schema: Json, value: unknown, path: string): unknown {
    const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => typeof type === "string")
    if (types.length === 0 || types.some((type) => isOf(type, value))) return value
    // Some schemas list text values but declare type number: the models expect the listed text.
    if (isListedText(schema, value)) return value
    for (const type of types) {
      const coerced = coercedTo(type, value)
      if (coerced !== wrong) return coerced
    }
    this.refuse("invalid_type", path, `Invalid type. Expected: ${types.join("/")}, given: ${typeOf(value)}`)
    return wrong
  }

  private choice(schema: Json, value: unknown, path: string) {
    if (Array.isArray(schema.enum)) {
      this.spend(schema.enum.length / 16)
      if (!schema.enum.some((one) => same(one, value)))
        this.refuse("enum", path, `${lastOf(path)} must be one of the following: ${shownChoices(schema.enum)}`)
    }
    if ("const" in schema && !same(schema.const, value))
      this.refuse("const", path, `${lastOf(path)} does not match: ${JSON.stringify(schema.const)}`)
  }

  private text(schema: Json, value: string, path: string) {
    const { minLength, maxLength, pattern, format } = schema
    if (isNumber(minLength) || isNumber(maxLength)) {
      this.spend(value.length / 1000)
      const length = lengthOf(value)
      if (isNumber(minLength) && length < minLength)
        this.refuse("string_gte", path, `String length must be greater than or equal to ${minLength}`)
      if (isNumber(maxLength) && length > maxLength)
        this.refuse("string_lte", path, `String length must be less than or equal to ${maxLength}`)
    }
    if (typeof pattern === "string" && !this.matches(pattern, value))
      this.refuse("pattern", path, `Does not match pattern '${pattern}'`)
    if (format === "uri") {
      if (isFileAddress(value)) this.findings.files.push(path)
      else this.refuse("format", path, "Does not match format 'uri'")
    }
  }

  /** Patterns that are too slow or not valid in JavaScript are ignored. */
  private matches(pattern: string, value: string): boolean {
    this.spend(100)
    const started = performance.now()
    if (this.budget.patience < 1) return true
    sandbox ??= createContext(Object.create(null))
    Object.assign(sandbox, { pattern, value })
    try {
      return Boolean(matching.runInContext(sandbox, { timeout: Math.ceil(this.budget.patience) }))
    } catch {
      return true
    } finally {
      Object.assign(sandbox, { pattern: "", value: "" })
      this.budget.patience -= performance.now() - started
    }
  }

  private number(schema: Json, value: number | bigint, path: string) {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
    const above = isNumeric(exclusiveMinimum) ? exclusiveMinimum : exclusiveMinimum === true ? minimum : undefined
    const below = isNumeric(exclusiveMaximum) ? exclusiveMaximum : exclusiveMaximum === true ? maximum : undefined
    if (isNumeric(above) && value <= above) this.refuse("number_gt", path, `Must be greater than ${above}`)
    else if (isNumeric(minimum) && value < minimum)
      this.refuse("number_gte", path, `Must be greater than or equal to ${minimum}`)
    if (isNumeric(below) && value >= below) this.refuse("number_lt", path, `Must be less than ${below}`)
    else if (isNumeric(maximum) && value > maximum)
      this.refuse("number_lte", path, `Must be less than or equal to ${maximum}`)
    if (isNumber(multipleOf) && multipleOf > 0 && !isMultiple(value, multipleOf))
      this.refuse("multiple_of", path, `Must be a multiple of ${multipleOf}`)
  }

  private list(schema: Json, value: unknown[], path: string, depth: number): unknown[] {
    const { minItems, maxItems, uniqueItems, items } = schema
    if (isNumber(minItems) && value.length < minItems)
      this.refuse("array_min_items", path, `Array must have at least ${minItems} items`)
    if (isNumber(maxItems) && value.length > maxItems)
      this.refuse("array_max_items", path, `Array must have at most ${maxItems} items`)
    if (uniqueItems === true) {
      const known = value.map((one) => JSON.stringify(one))
      this.spend(known.reduce((sum, text) => sum + text.length / 100, value.length))
      if (new Set(known).size < known.length) this.refuse("unique", path, "array items must be unique")
    }
    if (items === undefined) return value
    const checked = value.map((one, n) => this.check(items, one, `${path}.${n}`, depth + 1))
    return checked.every((one, n) => one === value[n]) ? value : checked
  }

  private object(schema: Json, value: Json, path: string, depth: number): Json {
    const properties = asObject(schema.properties)
    const { minProperties, maxProperties, additionalProperties, patternProperties } = schema
    for (const name of listIn(schema.required)) {
      this.spend(1)
      if (typeof name === "string" && !Object.hasOwn(value, name)) this.refuse("required", path, `${name} is required`)
    }
    const entries = Object.entries(value)
    if (isNumber(minProperties) && entries.length < minProperties)
      this.refuse("array_min_properties", path, `Must have at least ${minProperties} properties`)
    if (isNumber(maxProperties) && entries.length > maxProperties)
      this.refuse("array_max_properties", path, `Must have at most ${maxProperties} properties`)

    const checked = entries.map(([name, one]): [string, unknown] => {
      this.spend(1)
      const at = `${path}.${name}`
      if (Object.hasOwn(properties, name)) return [name, this.check(properties[name], one, at, depth + 1)]
      if (patternProperties !== undefined || additionalProperties === undefined || additionalProperties === true)
        return [name, one]
      if (additionalProperties === false) {
        this.refuse("additional_property_not_allowed", path, `Additional property ${name} is not allowed`)
        return [name, one]
      }
      return [name, this.check(additionalProperties, one, at, depth + 1)]
    })
    return checked.every(([name, one]) => one === value[name]) ? value : Object.fromEntries(checked)
  }

  /** Checks a value without recording findings. */
  private trial(raw: unknown, value: unknown, path: string, depth: number) {
    const { invalid, files } = this.findings
    const [complaints, known] = [invalid.length, files.length]
    const result = this.check(raw, value, path, depth + 1)
    const found = invalid.splice(complaints)
    const named = files.splice(known)
    return { ok: found.length === 0, value: result, found, files: named }
  }

  private anyOf(choices: unknown[], value: unknown, path: string, depth: number): unknown {
    const trials = choices.map((choice) => this.trial(choice, value, path, depth))
    const fitting = trials.filter(({ ok }) => ok)
    // A choice that accepts the value unchanged is preferred to one that converts it.
    const best = fitting.find((one) => one.value === value) ?? fitting[0]
    if (best) {
      this.findings.files.push(...best.files)
      return best.value
    }
    const [only, ...others] = trials.filter((_, n) => asObject(choices[n]).type !== "null")
    if (only && others.length === 0) this.findings.invalid.push(...only.found)
    else this.refuse("number_any_of", path, "Must validate at least one schema (anyOf)")
    return value
  }

  private oneOf(choices: unknown[], value: unknown, path: string, depth: number): unknown {
    const fitting = choices.map((choice) => this.trial(choice, value, path, depth)).filter(({ ok }) => ok)
    const exact = fitting.filter((one) => one.value === value)
    const [only] = fitting.length === 1 ? fitting : exact
    if (!only || (fitting.length > 1 && exact.length !== 1)) {
      this.refuse("number_one_of", path, "Must validate one and only one schema (oneOf)")
      return value
    }
    this.findings.files.push(...only.files)
    return only.value
  }
}

const wrong = Symbol("wrong")

const isOf = (type: unknown, value: unknown): boolean =>
  type === typeOf(value) || (type === "number" && isNumeric(value))

function typeOf(value: unknown): string {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  if (isNumeric(value)) return isWhole(value) ? "integer" : "number"
  return typeof value
}

const truths: Record<string, boolean> = Object.fromEntries([
  ...["true", "yes", "on", "t", "y", "1"].map((word) => [word, true]),
  ...["false", "no", "off", "f", "n", "0"].map((word) => [word, false]),
])

/** Converts a value to another type as Cog's Python server does; `wrong` if impossible. */
function coercedTo(type: unknown, value: unknown): unknown {
  if (type === "boolean") {
    const word = typeof value === "string" ? value.toLowerCase() : typeof value === "number" ? String(value) : ""
    return Object.hasOwn(truths, word) ? truths[word] : wrong
  }
  if (type === "string") return isNumeric(value) ? String(value) : wrong
  if (typeof value !== "string" || (type !== "integer" && type !== "number")) return wrong
  const text = value.trim()
  const shape = type === "integer" ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
  return text.length < 400 && shape.test(text) && Number.isFinite(Number(text)) ? numberOf(text) : wrong
}

const allowsNull = (schema: Json) =>
  schema.nullable === true || schema.type === "null" || (Array.isArray(schema.type) && schema.type.includes("null"))

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b))

const shownChoices = (choices: unknown[]) =>
  choices.length <= 50
    ? choices.map((one) => JSON.stringify(one)).join(", ")
    : `${choices
        .slice(0, 50)
        .map((one) => JSON.stringify(one))
        .join(", ")} and ${choices.length - 50} more`

const lastOf = (path: string) => path.slice(path.lastIndexOf(".") + 1)

/** Python counts code points. */
function lengthOf(text: string) {
  let length = 0
  for (const _ of text) length++
  return length
}

const isMultiple = (value: number | bigint, of: number) => {
  if (typeof value === "bigint" && Number.isInteger(of)) return value % BigInt(of) === 0n
  const times = Number(value) / of
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times))
}

/** URLs that Cog opens as files, including the stored form of this installation's own. */
const isFileAddress = (text: string) =>
  /^data:/i.test(text) || text.startsWith("understudy:/files/") || (/^https?:\/\//i.test(text) && URL.canParse(text))

let sandbox: object | undefined
const matching = new Script("new RegExp(pattern).test(value)")

const isListedText = (schema: Json, value: unknown) =>
  typeof value === "string" && Array.isArray(schema.enum) && schema.enum.length <= 1000 && schema.enum.includes(value)

const isNumber = (value: unknown): value is number => typeof value === "number"
const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const asObject = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {}
