"use server"

import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { cancelPrediction, deletePrediction, keepPrediction } from "@/lib/predictions/prediction"

/** Cancels, keeps or removes a prediction, and comes back to its page. */
export async function changePredictionAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id, change } = textsOf(form, ["id", "change"])
  return runAction({}, async () => {
    const actor = await requireActor(`/p/${id}`)
    if (change === "cancel") await cancelPrediction(actor, id)
    else if (change === "keep" || change === "release") await keepPrediction(actor, id, change === "keep")
    else if (change === "delete") await deletePrediction(actor, id)
    redirect(`/p/${id}`)
  })
}
