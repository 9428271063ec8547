"use server"

import { revalidatePath } from "next/cache"

import { runAction, runOnce, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { setCreateOnPush } from "@/lib/registry/create-on-push"
import { issueToken } from "@/lib/tokens/token"

const here = "/account/push"

export type CliTokenState = FormState & { secret?: string }

export async function issueCliTokenAction(_state: CliTokenState, form: FormData): Promise<CliTokenState> {
  let secret: string | undefined
  const state = await runAction({}, async () => {
    const actor = await requireActor(here)
    secret = await runOnce(actor, textsOf(form, ["form_key"]).form_key, {}, async () => {
      const issued = await issueToken(actor, { name: "Command line", scopes: ["read", "push"] })
      return issued.secret
    })
  })
  return secret ? { ...state, secret } : state
}

export async function setCreateOnPushAction(
  _state: FormState<{ hardware: string }>,
  form: FormData,
): Promise<FormState<{ hardware: string }>> {
  const values = textsOf(form, ["hardware"])
  return runAction(values, async () => {
    const actor = await requireActor(here)
    await setCreateOnPush(actor, { id: actor.owner_id, username: actor.username }, values.hardware || null)
    revalidatePath(here)
  })
}
