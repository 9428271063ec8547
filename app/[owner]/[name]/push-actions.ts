"use server"

import { revalidatePath } from "next/cache"

import { runAction, runOnce, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { issuePushToken } from "@/lib/registry/push-token"

/** The secret is only in this response; it cannot be shown again. */
export type PushTokenState = FormState<{ owner: string; name: string }> & { secret?: string }

export async function issuePushTokenAction(_state: PushTokenState, form: FormData): Promise<PushTokenState> {
  const values = textsOf(form, ["owner", "name"])
  let secret: string | undefined
  const state = await runAction(values, async () => {
    const actor = await requireActor(`/${encodeURIComponent(values.owner)}/${encodeURIComponent(values.name)}`)
    secret = await runOnce(actor, textsOf(form, ["form_key"]).form_key, values, () =>
      issuePushToken(actor, values.owner, values.name),
    )
  })
  if (!secret) return state
  // The page shows whether a token exists.
  revalidatePath(`/${values.owner}/${values.name}`)
  return { ...state, secret }
}
