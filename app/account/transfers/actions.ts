"use server"

import { redirect } from "next/navigation"

import { runAction, runOnce, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { acceptTransfer, declineTransfer } from "@/lib/transfers/transfer"

/** Redirects to the model at its new address. */
export async function acceptTransferAction(_state: FormState, form: FormData): Promise<FormState<{ name: string }>> {
  const { id, form_key, ...values } = textsOf(form, ["id", "form_key", "name"])
  return runAction(values, async () => {
    const actor = await requireActorForForm("/account/transfers")
    const path = await runOnce(actor, form_key, { id, ...values }, async () => {
      const { owner, name } = await acceptTransfer(actor, Number(id), values)
      return `/${owner}/${name}`
    })
    redirect(path)
  })
}

export async function declineTransferAction(form: FormData): Promise<void> {
  const { id } = textsOf(form, ["id"])
  const state = await runAction({ id }, async () => {
    await declineTransfer(await requireActor("/account/transfers"), Number(id))
  })
  redirect(`/account/transfers?${state.ok ? "declined" : "gone"}=1`)
}
