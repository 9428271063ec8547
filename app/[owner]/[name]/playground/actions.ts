"use server"

import { redirect } from "next/navigation"

import { complaintsOf, readSent } from "@/components/run/read-sent"
import { runAction, requireWriter } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { siteOrigin } from "@/lib/next/page"
import type { PredictionBody } from "@/lib/models/prediction-body"
import { createPrediction } from "@/lib/predictions/create"
import { InvalidInput } from "@/lib/predictions/invalid-input"
import { presentPrediction } from "@/lib/predictions/present"
import { problem } from "@/lib/problem"
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
    const { input, complaints } = readSent({ inputs, too_large }, values)
    if (Object.keys(complaints).length > 0) throw problem("invalid", "The input could not be read.", complaints)
    const body = { version: `${owner}/${name}:${version}`, input }
    const site = await siteOrigin()
    const created = await createPrediction(actor, { version: "named" }, body, { site }).catch((error: unknown) => {
      throw error instanceof InvalidInput ? problem("invalid", error.detail, complaintsOf(error)) : error
    })
    if (!values.scripts) redirect(`/p/${created.id}`)
    prediction = presentPrediction(created, site)
  })
  return { ...state, ...(prediction && { prediction }) }
}
