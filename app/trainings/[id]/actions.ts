"use server"

import { redirect } from "next/navigation"

import { requireActor, runAction } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { deletePrediction } from "@/lib/predictions/prediction"
import { createVersionAgain } from "@/lib/trainings/create-version"
import { cancelTraining, getTraining } from "@/lib/trainings/training"

/** Cancels a training, deletes its data, or creates its version again; redirects to its page. */
export async function changeTrainingAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id, change, destination } = textsOf(form, ["id", "change", "destination"])
  return runAction({}, async () => {
    const actor = await requireActor(`/trainings/${id}`)
    if (change === "cancel") await cancelTraining(actor, id)
    else if (change === "version") await createVersionAgain(actor, id, destination.trim() || undefined)
    else if (change === "delete") {
      await getTraining(actor, id)
      await deletePrediction(actor, id)
    }
    redirect(`/trainings/${id}`)
  })
}
