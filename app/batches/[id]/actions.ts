"use server"

import { redirect } from "next/navigation"

import { cancelBatch, getBatch } from "@/lib/batches/batch"
import { requireActor, runAction } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { setAlias } from "@/lib/versions/alias"

/** Cancels a batch, or points the alias `stable` to the version of a trial; redirects to the batch. */
export async function changeBatchAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id, change } = textsOf(form, ["id", "change"])
  return runAction({}, async () => {
    const actor = await requireActor(`/batches/${id}`)
    if (change === "cancel") await cancelBatch(actor, id)
    else if (change === "stable") {
      const { model, version } = await getBatch(actor, id)
      const [owner, name] = model.split("/") as [string, string]
      await setAlias(actor, owner, name, "stable", { version })
    }
    redirect(`/batches/${id}${change === "stable" ? "?stable=1#stable" : ""}`)
  })
}
