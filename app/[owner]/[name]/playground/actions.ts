"use server"

import { redirect } from "next/navigation"

import { readInput, readWholeInput, wholeInput } from "@/components/run/read-input"
import { runAction, requireWriter } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { siteOrigin } from "@/lib/next/page"
import type { PredictionBody } from "@/lib/models/example"
import { createPrediction } from "@/lib/predictions/create"
import { InvalidInput } from "@/lib/predictions/invalid-input"
import { presentPrediction } from "@/lib/predictions/present"
import { problem, type Fields } from "@/lib/problem"
import { getForm } from "@/lib/versions/version"

export type RunState = FormState & { prediction?: PredictionBody }

/** Runs the version that the form was made for on what it holds. With scripts the run comes back; without, its page does. */
export async function runModelAction(_state: RunState, form: FormData): Promise<RunState> {
  const { owner, name, version } = textsOf(form, ["owner", "name", "version"])
  const values = Object.fromEntries(
    [...form].flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  )
  let prediction: PredictionBody | undefined
  const state = await runAction(values, async () => {
    const actor = await requireWriter(`/${owner}/${name}/playground`)
    const { inputs, too_large } = await getForm(actor, owner, name, version)
    const { input, complaints } = too_large
      ? readWholeInput(values[wholeInput] ?? "")
      : readInput(inputs, (control) => values[control])
    if (Object.keys(complaints).length > 0) throw problem("invalid", "The input could not be read.", complaints)
    const body = { version: `${owner}/${name}:${version}`, input }
    const site = await siteOrigin()
    const created = await createPrediction(actor, { version: "named" }, body, { site }).catch((error: unknown) => {
      throw error instanceof InvalidInput ? problem("invalid", error.detail, fieldsOf(error)) : error
    })
    if (!values.scripts) redirect(`/p/${created.id}`)
    prediction = presentPrediction(created, site)
  })
  return { ...state, ...(prediction && { prediction }) }
}

/** "prompt is required" names its field in the text; every other complaint says where it belongs. */
function fieldsOf({ invalid_fields }: InvalidInput): Fields {
  const fields: Fields = {}
  for (const { field, description } of invalid_fields) {
    const path =
      field === "input" ? (/^(\S+) is required$/.exec(description)?.[1] ?? "") : field.replace(/^input\./, "")
    const control = path === "" ? "input" : `input.${path.split(".")[0]}`
    fields[control] ??= field === "input" && path !== "" ? "This is required." : `${description.replace(/\.$/, "")}.`
  }
  return fields
}
