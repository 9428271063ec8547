import models from "all-the-public-replicate-models"
import { expect, test } from "vitest"

import { prepareInput } from "@/lib/predictions/input"
import { typed } from "@/lib/test/typed-input"
import { readForm } from "@/lib/versions/read-form"
import { complaintOf } from "./check-value"
import { controlOf, readInput, textsFor } from "./read-input"

// Fills in the forms of all published schemas as a person would, reads them as browser and server do, and validates the
// result as the server does.

const schemas = models.flatMap(({ owner, name, latest_version }) =>
  latest_version?.openapi_schema
    ? [{ name: `${owner}/${name}`, schema: latest_version.openapi_schema as Record<string, unknown> }]
    : [],
)

test("every published schema has a form whose controls give the types that the schema wants", () => {
  expect(schemas.length).toBeGreaterThan(3000)
  const odd: string[] = []
  let fields = 0
  for (const { name, schema } of schemas) {
    const form = readForm(JSON.stringify(schema))
    if (form.too_large) odd.push(`${name}: too large`)
    const texts = new Map(form.inputs.map((field) => [controlOf(field.name), typed(field)]))
    const { input, complaints } = readInput(form.inputs, (control) => texts.get(control))
    fields += form.inputs.length
    for (const [control, complaint] of Object.entries(complaints)) odd.push(`${name}, ${control}: ${complaint}`)
    for (const field of form.inputs) {
      const complaint = complaintOf(field, input[field.name])
      if (complaint && field.default === undefined)
        odd.push(`${name}, ${field.name}: ${complaint} (${texts.get(controlOf(field.name))})`)
    }
    const prepared = prepareInput(schema, input)
    if ("invalid" in prepared) odd.push(`${name}: ${JSON.stringify(prepared.invalid).slice(0, 200)}`)
  }
  expect(odd).toEqual([])
  expect(fields).toBeGreaterThan(20_000)
})

test("what a form holds is the same after a way through JSON and back", () => {
  const odd: string[] = []
  for (const { name, schema } of schemas) {
    const { inputs } = readForm(JSON.stringify(schema))
    const texts = new Map(inputs.map((field) => [controlOf(field.name), typed(field)]))
    const { input } = readInput(inputs, (control) => texts.get(control))
    const back = textsFor(inputs, JSON.parse(JSON.stringify(input)))
    const again = readInput(inputs, (control) => back[control])
    if (JSON.stringify(again.input) !== JSON.stringify(input)) odd.push(name)
  }
  expect(odd).toEqual([])
})
