"use server"

import { redirect } from "next/navigation"

import { readBatch } from "@/components/run/read-batch"
import { asTyped } from "@/components/run/read-sent"
import { amountOf } from "@/lib/amount"
import { checkBatch, createBatch, type BatchEstimate } from "@/lib/batches/create"
import { requireActorForForm, runAction, runOnce } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { problem } from "@/lib/problem"
import { getForm } from "@/lib/versions/version"

type Values = { inputs: string; usd_limit: string }
export type BatchFormState = FormState<Values> & { estimate?: BatchEstimate }

/** Estimates the cost of a batch or starts it, depending on the button pressed. */
export async function batchAction(_state: BatchFormState, form: FormData): Promise<BatchFormState> {
  const { form_key, ...ref } = textsOf(form, ["owner", "name", "version", "form_key"])
  const { owner, name, version } = ref
  const values = textsOf(form, ["inputs", "usd_limit"])
  let estimate: BatchEstimate | undefined
  const state = await runAction(values, async () => {
    const actor = await requireActorForForm(`/${owner}/${name}/batch`)
    const { inputs, problem: wrong } = readBatch(
      asTyped(values.inputs),
      (await getForm(actor, owner, name, version)).inputs,
    )
    if (wrong) throw problem("invalid", wrong, { inputs: wrong })
    const usd_limit = values.usd_limit.trim() === "" ? null : amountOf(values.usd_limit.trim())
    const batch = { version: `${owner}/${name}:${version}`, inputs, usd_limit }
    if (form.get("change") !== "start") {
      estimate = await checkBatch(actor, batch)
      return
    }
    const origin = await currentOrigin()
    const create = async () => (await createBatch(actor, batch, origin)).id
    redirect(`/batches/${await runOnce(actor, form_key, { ...ref, ...values }, create)}`)
  })
  return { ...state, ...(estimate && { estimate }) }
}
