import { seal, unseal } from "@/lib/auth/seal"
import { budgetOfInput, Checker, TooMuchToCheck, type Findings } from "./check"
import type { InvalidField } from "./invalid-input"

type Json = Record<string, unknown>

/** An input ready to be stored: validated, with defaults, without unknown keys. */
export type PreparedInput = {
  input: Json
  /** The names of secret inputs. */
  secrets: string[]
  /** The paths of file URLs in it, as `image` or `images.0`. */
  files: string[]
}

/**
 * Validates an input against a version's OpenAPI document: returns all errors, or the input for the model. Defaults are
 * filled in and text is converted to numbers as in Cog; unknown keys are dropped, because clients send the same ones to
 * all models, and so are optional nulls. A document too costly to check accepts any JSON. Several inputs may share a
 * budget.
 */
export function prepareInput(
  openapi: unknown,
  given: Json,
  part = "Input",
  budget = budgetOfInput(),
): PreparedInput | { invalid: InvalidField[] } {
  const schemas = schemasOf(openapi)
  if (!(part in schemas) && "TrainingInput" in schemas)
    return { invalid: [{ type: "not_runnable", field: "", description: "This version can be trained, but not run" }] }
  const findings: Findings = { invalid: [], files: [] }
  const checker = new Checker(schemas, findings, budget)
  try {
    const holder = checker.resolved(schemas[part])
    const properties = propertiesOf(checker, holder)
    if (properties === undefined) return { input: given, secrets: [], files: [] }
    checker.spend(properties.length)
    const required = new Set(Array.isArray(holder.required) ? holder.required : [])
    const secrets: string[] = []

    const input = new Map(holder.additionalProperties === true ? Object.entries(given) : [])
    for (const [name, schema] of properties) {
      input.delete(name)
      const value = Object.hasOwn(given, name) ? given[name] : undefined
      const optional = !required.has(name)
      if (value === undefined || (value === null && optional)) {
        const usual = defaultOf(checker, schema)
        if (usual !== undefined) input.set(name, usual)
        else if (!optional)
          findings.invalid.push({ type: "required", field: "input", description: `${name} is required` })
        continue
      }
      if (isSecret(checker.resolved(schema))) secrets.push(name)
      input.set(name, checker.check(schema, value, `input.${name}`))
    }
    if (findings.invalid.length > 0) return { invalid: findings.invalid }
    return {
      input: Object.fromEntries(input),
      secrets,
      files: findings.files.map((path) => path.replace(/^input\./, "")),
    }
  } catch (error) {
    if (!(error instanceof TooMuchToCheck)) throw error
    return { input: given, secrets: Object.keys(given).filter((name) => looksSecret(schemas[part], name)), files: [] }
  }
}

/** The inputs in a document, in its author's order; undefined if it accepts anything. */
function propertiesOf(checker: Checker, holder: Json): [string, unknown][] | undefined {
  if (!isObject(holder.properties)) return undefined
  const place = (schema: unknown) => {
    const order = checker.resolved(schema)["x-order"]
    return typeof order === "number" ? order : Infinity
  }
  const placed = Object.entries(holder.properties).map(([name, schema]) => ({ name, schema, place: place(schema) }))
  return placed.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place)).map(({ name, schema }) => [name, schema])
}

/** The default of a choice may be beside the reference or in the referenced schema. */
function defaultOf(checker: Checker, raw: unknown): unknown {
  const schema = checker.resolved(raw)
  const parts = Array.isArray(schema.allOf) ? schema.allOf : []
  const found = [schema, ...parts.map((part) => checker.resolved(part))].find((one) => one.default !== undefined)
  return found?.default ?? undefined
}

const isSecret = (schema: Json): boolean =>
  schema["x-cog-secret"] === true ||
  schema.format === "password" ||
  (isObject(schema.items) && isSecret(schema.items)) ||
  (Array.isArray(schema.anyOf) && schema.anyOf.some((one) => isObject(one) && "x-cog-secret" in one))

const looksSecret = (holder: unknown, name: string) => {
  const property = isObject(holder) && isObject(holder.properties) ? holder.properties[name] : undefined
  return isObject(property) && isSecret(property)
}

/** Whether and how a version's output is streamed, by its OpenAPI document. */
export function streamOf(openapi: unknown): "text" | "files" | null {
  const schemas = schemasOf(openapi)
  const output = isObject(schemas.Output) ? schemas.Output : {}
  if (output["x-cog-array-type"] !== "iterator") return null
  return isObject(output.items) && output.items.format === "uri" ? "files" : "text"
}

/** The paths of file URLs in an input that was validated before, as `image` or `images.0`. */
export function filePathsIn(openapi: unknown, input: Json, part = "Input"): string[] {
  const prepared = prepareInput(openapi, input, part)
  return "invalid" in prepared ? [] : prepared.files
}

/** Whether an output contains files, by a version's OpenAPI document. */
export function returnsFiles(openapi: unknown, part: "Output" | "TrainingOutput" = "Output"): boolean {
  const { [part]: output, ...others } = schemasOf(openapi)
  const named = Object.entries(others).filter(
    ([name]) => !/Input$|^(HTTP)?ValidationError$|^Prediction|^Training|^Output$/.test(name),
  )
  const text = JSON.stringify(output ?? {})
  const used = text.includes("$ref") ? JSON.stringify(Object.fromEntries(named)) : ""
  return /"format":"uri"/.test(text + used)
}

/** Whether a version can be trained, by its OpenAPI document. */
export const canTrain = (openapi: unknown): boolean => "TrainingInput" in schemasOf(openapi)

/** Whether an output is a list, so that one without elements ends as an empty list. */
export const returnsList = (openapi: unknown): boolean => {
  const { Output } = schemasOf(openapi)
  return isObject(Output) && Output.type === "array"
}

const purpose = (id: string) => `input of prediction ${id}`

/** The input as stored: secrets are encrypted with the installation's key. */
export const sealSecrets = (id: string, { input, secrets }: Pick<PreparedInput, "input" | "secrets">): Json =>
  secrets.length === 0
    ? input
    : { ...input, ...Object.fromEntries(secrets.map((name) => [name, seal(JSON.stringify(input[name]), purpose(id))])) }

/** The input for the model. Secrets encrypted with another key are left out. */
export function openSecrets(id: string, input: Json, secrets: string[] | null): Json {
  if (!secrets?.length) return input
  const opened = { ...input }
  for (const name of secrets) {
    const text = typeof input[name] === "string" ? unseal(input[name], purpose(id)) : undefined
    if (text === undefined) delete opened[name]
    else opened[name] = JSON.parse(text)
  }
  return opened
}

const schemasOf = (openapi: unknown): Json => {
  const components = isObject(openapi) ? openapi.components : undefined
  const schemas = isObject(components) ? components.schemas : undefined
  return isObject(schemas) ? schemas : {}
}
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
