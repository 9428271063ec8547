// Run beside a test's own server, on its data: creates a version for each of many published schemas. Prints the cookie
// of their owner, and for each version, what a person would type into its form and what the form should send.
import models from "all-the-public-replicate-models"
import { encode } from "next-auth/jwt"

import { controlOf, readInput } from "@/components/run/read-input"
import { closeDatabase } from "@/db"
import { holdsSecret } from "@/components/run/input-address"
import { authSecret } from "@/lib/auth/secret"
import { actorFor, addUser, findAccount } from "@/lib/owners/owner"
import { openSession } from "@/lib/sessions/session"
import { aModel, aVersion } from "@/lib/test/factories"
import { typed } from "@/lib/test/typed-input"
import { readForm, type Field } from "@/lib/versions/read-form"

type Schema = Record<string, unknown>

/** The properties of a field that its control depends on. */
const traitsOf = (field: Field): string[] => {
  const { kind, required, min, max, shortest, longest, items, deprecated, accept } = field
  const traits = { required, preset: field.default !== undefined, deprecated, accept: accept !== undefined }
  const bounds = `${min !== undefined ? "min" : ""} ${max !== undefined ? "max" : ""}`
  return [
    ...Object.entries(traits).map(([name, value]) => `${kind} ${name} ${Boolean(value)}`),
    `${kind} of ${items?.kind ?? "nothing"} ${bounds}`,
    `${kind} ${shortest ?? ""} ${longest ?? ""}`,
  ]
}

/**
 * A small set of schemas with all traits, extended by schemas with different numbers of inputs until there are `least`.
 */
function diverse(schemas: Schema[], least: number): Schema[] {
  const known = schemas.map((schema) => {
    const { inputs } = readForm(JSON.stringify(schema))
    return { schema, traits: new Set(inputs.flatMap(traitsOf)), count: inputs.length }
  })
  const [left, chosen] = [new Set(known.flatMap(({ traits }) => [...traits])), new Set<(typeof known)[number]>()]
  while (left.size > 0) {
    const gain = (one: (typeof known)[number]) => [...one.traits].filter((trait) => left.has(trait)).length
    const best = known.reduce((a, b) => (gain(b) > gain(a) ? b : a))
    chosen.add(best)
    for (const trait of best.traits) left.delete(trait)
  }
  const byCount = known.toSorted((a, b) => a.count - b.count)
  for (let n = 0; chosen.size < least; n++) chosen.add(byCount[Math.floor((n * byCount.length) / least)]!)
  return [...chosen].map(({ schema }) => schema)
}

/** Identifies a control: all of a field except its texts. */
function controlKey(field: Field): string {
  const { name: _name, title: _title, description: _description, ...rest } = field
  return JSON.stringify(rest)
}

const asObject = (value: unknown): Schema => (typeof value === "object" && value !== null ? (value as Schema) : {})
const schemasOf = (schema: Schema) => asObject(asObject(schema.components).schemas)

/** A schema with its references replaced by what they refer to. */
function inlined(raw: unknown, named: Schema, depth = 0): unknown {
  if (Array.isArray(raw)) return raw.map((one) => inlined(one, named, depth + 1))
  if (typeof raw !== "object" || raw === null || depth > 20) return raw
  const { $ref, ...beside } = raw as Schema
  const rest = Object.fromEntries(Object.entries(beside).map(([key, one]) => [key, inlined(one, named, depth + 1)]))
  if (typeof $ref !== "string") return rest
  const target = named[$ref.replace("#/components/schemas/", "")]
  return { allOf: [inlined(target ?? {}, named, depth + 1)], ...rest }
}

const fieldsPerForm = 60

/** Forms with many inputs that together contain every distinct input of the schemas once. */
function ofEveryField(schemas: Schema[]): Schema[] {
  const found = new Map<string, { name: string; required: boolean; schema: unknown }>()
  for (const schema of schemas) {
    const properties = asObject(asObject(schemasOf(schema).Input).properties)
    for (const field of readForm(JSON.stringify(schema)).inputs) {
      const { name, required } = field
      const key = controlKey(field)
      if (found.has(key)) continue
      found.set(key, { name, required, schema: inlined(properties[name], schemasOf(schema)) })
    }
  }
  const fields = [...found.values()]
  const forms: Schema[] = []
  for (let from = 0; from < fields.length; from += fieldsPerForm) {
    const some = fields.slice(from, from + fieldsPerForm)
    const named = some.map(({ name, schema }, at): [string, object] => [
      `n${at}_${name}`,
      { ...asObject(schema), "x-order": at },
    ])
    const required = named.flatMap(([name], at) => (some[at]!.required ? [name] : []))
    const Input = { type: "object", properties: Object.fromEntries(named), required }
    forms.push({ openapi: "3.0.2", components: { schemas: { Input, Output: { type: "string" } } } })
  }
  const shown = new Set(forms.flatMap((form) => readForm(JSON.stringify(form)).inputs).map(controlKey))
  const missing = [...found.keys()].filter((key) => !shown.has(key))
  if (missing.length > 0) throw new Error(`${missing.length} inputs changed on their way into a form: ${missing[0]}`)
  return forms
}

const published = models.flatMap(({ latest_version }) =>
  latest_version?.openapi_schema ? [latest_version.openapi_schema as Schema] : [],
)
const actor = actorFor(await addUser({ username: "corpus" }), "web")
const secret = await openSession((await findAccount("corpus"))!, { address: null, user_agent: null })
const cookie = await encode({ token: { secret }, secret: authSecret(), maxAge: 3600 * 24 })

const chosen = {
  some: () => diverse(published, 60),
  fields: () => [...diverse(published, 60), ...ofEveryField(published)],
  all: () => published,
}[process.argv[2] as "some" | "fields" | "all"]()

const pages = []
for (const [n, openapi_schema] of chosen.entries()) {
  const model = await aModel(actor, { name: `model-${n}` })
  await aVersion(actor, model, { openapi_schema })
  const { inputs } = readForm(JSON.stringify(openapi_schema))
  const texts = Object.fromEntries(inputs.map((field) => [controlOf(field.name), typed(field)]))
  pages.push({
    path: `/corpus/model-${n}/playground`,
    fields: inputs.length,
    texts,
    secrets: inputs.filter(holdsSecret).map(({ name }) => name),
    input: readInput(inputs, (control) => texts[control]).input,
  })
}
console.log(JSON.stringify({ cookie, pages }))
await closeDatabase()
