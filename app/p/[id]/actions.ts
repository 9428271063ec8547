"use server"

import { redirect } from "next/navigation"

import { runAction, runOnce, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { runAgain } from "@/lib/predictions/rerun"
import { cancelPrediction, deletePrediction, keepPrediction } from "@/lib/predictions/prediction"
import { revokeShare, sharePrediction } from "@/lib/predictions/share"

/**
 * Runs a prediction again, cancels it, keeps or releases or removes its data, or revokes its share link, as the pressed
 * button says. Redirects to its page, or to that of the new run.
 */
export async function changePredictionAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id, change, form_key } = textsOf(form, ["id", "change", "form_key"])
  return runAction({}, async () => {
    const actor = await requireActor(`/p/${id}`)
    if (change === "again") {
      const origin = await currentOrigin()
      redirect(`/p/${await runOnce(actor, form_key, { id }, async () => (await runAgain(actor, id, origin)).id)}`)
    }
    if (change === "cancel") await cancelPrediction(actor, id)
    else if (change === "keep" || change === "release") await keepPrediction(actor, id, change === "keep")
    else if (change === "delete") await deletePrediction(actor, id)
    else if (change === "revoke") await revokeShare(actor, id)
    redirect(`/p/${id}`)
  })
}

/** Creates a share link to a prediction, and redirects to its page. */
export async function sharePredictionAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id, days } = textsOf(form, ["id", "days"])
  return runAction({}, async () => {
    const actor = await requireActor(`/p/${id}`)
    await sharePrediction(actor, id, {
      hides_input: form.get("hides_input") !== null,
      days: days === "" ? null : Number(days),
    })
    redirect(`/p/${id}`)
  })
}
