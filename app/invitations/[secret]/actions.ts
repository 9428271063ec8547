"use server"

import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { acceptLink } from "@/lib/organizations/invitation"

export async function acceptLinkAction(_state: FormState, form: FormData): Promise<FormState> {
  const { secret } = textsOf(form, ["secret"])
  return runAction({}, async () => {
    const actor = await requireActor(`/invitations/${encodeURIComponent(secret)}`)
    const { organization } = await acceptLink(actor, secret)
    redirect(`/organizations/${organization}/members?joined=1`)
  })
}
