"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import type { Actor } from "@/lib/auth/actor"
import { requireActor, runAction, runOnce, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { getOrganization } from "@/lib/organizations/organization"
import { awaitDelivery, sendAgain, sendTest } from "@/lib/webhooks/delivery"
import { rotateWebhookSecret, showWebhookSecret } from "@/lib/webhooks/secret"
import { outcomeInWords } from "@/lib/webhooks/words"

/** Milliseconds that a page waits for the result of a delivery. */
const patience = 5000

const pageOf = (organization: string) =>
  organization ? `/organizations/${encodeURIComponent(organization)}/webhooks` : "/account/webhooks"

const accountOf = async (actor: Actor, organization: string) =>
  organization ? getOrganization(actor, organization, "tokens") : { id: actor.owner_id, username: actor.username }

/** The secret is returned only on request, so that merely opening the page does not reveal it. */
export type SecretState = FormState<{ organization: string }> & {
  secret?: string
  previous_until?: string | null
  rotated?: true
}

export async function webhookSecretAction(_state: SecretState, form: FormData): Promise<SecretState> {
  const { organization, step, form_key } = textsOf(form, ["organization", "step", "form_key"])
  let shown: Pick<SecretState, "secret" | "previous_until" | "rotated"> = {}
  const state = await runAction({ organization }, async () => {
    const actor = await requireActor(pageOf(organization))
    const account = await accountOf(actor, organization)
    // Rotating twice would end the secret that receivers have.
    if (step === "rotate")
      await runOnce(actor, form_key, { organization }, async () => {
        await rotateWebhookSecret(actor, account)
        return "rotated"
      })
    shown = { ...(await showWebhookSecret(actor, account)), ...(step === "rotate" && { rotated: true }) }
  })
  return { ...state, ...shown }
}

export type TestState = FormState<{ url: string }> & { outcome?: string; delivered?: boolean }

export async function testWebhookAction(_state: TestState, form: FormData): Promise<TestState> {
  const { organization, url } = textsOf(form, ["organization", "url"])
  let told: Pick<TestState, "outcome" | "delivered"> = {}
  const state = await runAction({ url }, async () => {
    const actor = await requireActorForForm(pageOf(organization))
    const account = await accountOf(actor, organization)
    const id = await sendTest(actor, account, { url }, await currentOrigin())
    const delivery = await awaitDelivery(actor, account, id, patience)
    told = { outcome: outcomeInWords(delivery), delivered: delivery.delivered_at !== null }
    revalidatePath(pageOf(organization))
  })
  return { ...state, ...told }
}

export async function sendAgainAction(form: FormData): Promise<void> {
  const { id, organization } = textsOf(form, ["id", "organization"])
  const state = await runAction({ id }, async () => {
    const actor = await requireActor(pageOf(organization))
    const account = await accountOf(actor, organization)
    await sendAgain(actor, account, id)
    await awaitDelivery(actor, account, id, patience)
  })
  redirect(`${pageOf(organization)}?${state.ok ? "sent" : "refused"}=${encodeURIComponent(id)}`)
}
