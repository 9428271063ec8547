"use server"

import { redirect } from "next/navigation"

import { pathWithInput, signInFor } from "@/components/run/input-address"
import { complaintsOf, readSent } from "@/components/run/read-sent"
import { runAction, runOnce, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { nullIfUnavailable, currentOrigin } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"
import type { PredictionBody } from "@/lib/models/prediction-body"
import { createPrediction } from "@/lib/predictions/create"
import { InvalidInput } from "@/lib/predictions/invalid-input"
import { presentPrediction } from "@/lib/predictions/present"
import { problem } from "@/lib/problem"
import { getForm } from "@/lib/versions/version"

export type RunState = FormState & { prediction?: PredictionBody }

/**
 * Runs the version in the form on the input in the form. With scripts, returns the prediction; without, redirects to
 * its page.
 */
export async function runModelAction(_state: RunState, form: FormData): Promise<RunState> {
  const { owner, name, version } = textsOf(form, ["owner", "name", "version"])
  const values = Object.fromEntries(
    [...form].flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  )
  let prediction: PredictionBody | undefined
  const state = await runAction(values, async () => {
    const actor = (await currentActor()) ?? (await signInFirst({ owner, name, version }, values))
    const { inputs, too_large } = await getForm(actor, owner, name, version)
    const { input, complaints } = readSent({ inputs, too_large }, values)
    if (Object.keys(complaints).length > 0) throw problem("invalid", "The input could not be read.", complaints)
    const body = { version: `${owner}/${name}:${version}`, input }
    const origin = await currentOrigin()
    const create = () =>
      createPrediction(actor, { version: "named" }, body, { origin }).catch((error: unknown) => {
        throw error instanceof InvalidInput ? problem("invalid", error.detail, complaintsOf(error)) : error
      })
    if (!values.scripts)
      redirect(`/p/${await runOnce(actor, values.form_key ?? "", values, async () => (await create()).id)}`)
    prediction = presentPrediction(await create(), origin)
  })
  return { ...state, ...(prediction && { prediction }) }
}

/**
 * Redirects to the sign-in page, which returns to the playground with the input, except secrets. With scripts, or if
 * the input is too long for a URL, throws `unauthenticated` instead, and the form keeps what was typed.
 */
async function signInFirst(model: Record<"owner" | "name" | "version", string>, values: Record<string, string>) {
  if (values.scripts) return requireActorForForm(`/${model.owner}/${model.name}/playground`)
  const form = await nullIfUnavailable(getForm(null, model.owner, model.name, model.version))
  if (!form) return requireActorForForm(`/${model.owner}/${model.name}/playground`)
  const path = form.too_large ? null : pathWithInput(model, form.inputs, readSent(form, values).input)
  if (path === null)
    throw problem("unauthenticated", "Sign in in a new tab, then submit this form again: what you typed is still here.")
  return redirect(signInFor(path))
}
