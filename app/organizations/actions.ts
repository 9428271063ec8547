"use server"

import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { acceptInvitation, declineInvitation } from "@/lib/organizations/invitation"

/** Accepts or declines an invitation. */
export async function answerInvitationAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id, answer } = textsOf(form, ["id", "answer"])
  return runAction({}, async () => {
    const actor = await requireActor("/organizations")
    if (answer !== "accept") {
      await declineInvitation(actor, Number(id))
      redirect("/organizations?declined=1")
    }
    const { organization } = await acceptInvitation(actor, Number(id))
    redirect(`/organizations/${organization}/members?joined=1`)
  })
}
