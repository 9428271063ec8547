"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { attempt, requireActor } from "@/lib/doors/action"
import { textsOf, type FormState } from "@/lib/doors/form"
import { issueToken, revokeToken } from "@/lib/tokens/token"

/** The secret is in this one answer and can never be asked for again. */
export type TokenState = FormState<{ name: string }> & { secret?: string }

export async function issueTokenAction(_state: TokenState, form: FormData): Promise<TokenState> {
  const values = textsOf(form, ["name"])
  let secret: string | undefined
  const state = await attempt(values, async () => {
    const issued = await issueToken(await requireActor("/account/api-tokens"), values)
    secret = issued.secret
    revalidatePath("/account/api-tokens")
  })
  return secret ? { ...state, values: { name: values.name }, secret } : state
}

export async function revokeTokenAction(form: FormData): Promise<void> {
  const { id } = textsOf(form, ["id"])
  const state = await attempt({ id }, async () => {
    await revokeToken(await requireActor("/account/api-tokens"), Number(id))
  })
  redirect(`/account/api-tokens?${state.ok ? "revoked" : "gone"}=1`)
}
