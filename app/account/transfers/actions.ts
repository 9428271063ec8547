"use server"

import { redirect } from "next/navigation"

import { runAction, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { acceptTransfer, declineTransfer } from "@/lib/transfers/transfer"

/** Redirects to the model at its new address. */
export async function acceptTransferAction(_state: FormState, form: FormData): Promise<FormState<{ name: string }>> {
  const { id, ...values } = textsOf(form, ["id", "name"])
  return runAction(values, async () => {
    const { owner, name } = await acceptTransfer(await requireActorForForm("/account/transfers"), Number(id), values)
    redirect(`/${owner}/${name}`)
  })
}

export async function declineTransferAction(form: FormData): Promise<void> {
  const { id } = textsOf(form, ["id"])
  const state = await runAction({ id }, async () => {
    await declineTransfer(await requireActor("/account/transfers"), Number(id))
  })
  redirect(`/account/transfers?${state.ok ? "declined" : "gone"}=1`)
}
