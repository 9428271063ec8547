"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import type { Actor } from "@/lib/auth/actor"
import { runAction, runOnce, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { getOrganization } from "@/lib/organizations/organization"
import { issueToken, revokeToken } from "@/lib/tokens/token"
import { prefilled, type TokenValues } from "./prefill"

/** The secret is only in this response; it cannot be shown again. */
export type TokenState = FormState<TokenValues> & { secret?: string }

/** The tokens page of the account that the form is about. */
const pageOf = (organization: string) =>
  organization ? `/organizations/${encodeURIComponent(organization)}/tokens` : "/account/api-tokens"

const accountOf = async (actor: Actor, organization: string) =>
  organization ? getOrganization(actor, organization, "tokens") : undefined

export async function issueTokenAction(_state: TokenState, form: FormData): Promise<TokenState> {
  // One value per checkbox; other clients may send them in one field, separated by spaces.
  const chosen = form.getAll("scopes").flatMap((value) => String(value).split(/\s+/).filter(Boolean))
  const values = { ...textsOf(form, ["name", "expires_in_days"]), scopes: chosen.join(" ") }
  const { organization, form_key } = textsOf(form, ["organization", "form_key"])
  let secret: string | undefined
  const state = await runAction(values, async () => {
    const actor = await requireActor(prefilled(values, pageOf(organization)))
    secret = await runOnce(actor, form_key, { ...values, organization }, async () => {
      const issued = await issueToken(actor, { ...values, scopes: chosen }, await accountOf(actor, organization))
      return issued.secret
    })
    revalidatePath(pageOf(organization))
  })
  return secret ? { ...state, secret } : state
}

export async function revokeTokenAction(form: FormData): Promise<void> {
  const { id, organization } = textsOf(form, ["id", "organization"])
  const state = await runAction({ id }, async () => {
    const actor = await requireActor(pageOf(organization))
    await revokeToken(actor, Number(id), await accountOf(actor, organization))
  })
  redirect(`${pageOf(organization)}?${state.ok ? "revoked" : "gone"}=1`)
}
