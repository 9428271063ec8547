"use server"

import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { safeNext, type FormState } from "@/lib/next/form"
import { changePredictions } from "@/lib/predictions/history"
import { problem } from "@/lib/problem"

/** Cancels or removes the selected predictions, and redirects back to the list. */
export async function changePredictionsAction(_state: FormState, form: FormData): Promise<FormState> {
  const back = safeNext(form.get("back"), "/predictions")
  return runAction({}, async () => {
    const actor = await requireActor(back)
    const ids = form.getAll("id").map(String)
    const change = form.get("change")
    if (change === "compare") {
      if (ids.length !== 2) throw problem("invalid", "Choose two predictions to compare.")
      redirect(`/predictions/compare?${new URLSearchParams({ a: ids[1]!, b: ids[0]! })}`)
    }
    if (ids.length === 0) throw problem("invalid", "Choose at least one prediction.")
    if (change !== "cancel" && change !== "delete") throw problem("invalid", "There is no such change.")
    const changed = await changePredictions(actor, ids, change)
    redirect(`${back}${back.includes("?") ? "&" : "?"}${change === "cancel" ? "canceled" : "deleted"}=${changed}`)
  })
}
