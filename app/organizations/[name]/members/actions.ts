"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import type { Actor } from "@/lib/auth/actor"
import { runAction, runOnce, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { invite, inviteByLink, revokeInvitation } from "@/lib/organizations/invitation"
import { changeRole, removeMember } from "@/lib/accounts/members"
import { getOrganization } from "@/lib/organizations/organization"
import type { Role } from "@/lib/auth/actor"
import type { Account } from "@/lib/owners/owner"

export type InviteState = FormState<{ username: string; role: string }>
/** The link is only in this response; it cannot be shown again. */
export type LinkState = FormState<{ role: string; days: string }> & { link?: string }

/** The actor and the organization that the form is about. */
async function at(form: FormData): Promise<{ actor: Actor; organization: Account; page: string }> {
  const { organization: name } = textsOf(form, ["organization"])
  const page = `/organizations/${encodeURIComponent(name)}/members`
  const actor = await requireActorForForm(page)
  return { actor, organization: await getOrganization(actor, name, "see"), page }
}

export async function inviteAction(_state: InviteState, form: FormData): Promise<InviteState> {
  const values = textsOf(form, ["username", "role"])
  const state = await runAction(values, async () => {
    const { actor, organization, page } = await at(form)
    await invite(actor, organization, { username: values.username, role: values.role as Role })
    revalidatePath(page)
  })
  return state
}

export async function inviteByLinkAction(_state: LinkState, form: FormData): Promise<LinkState> {
  const values = textsOf(form, ["role", "days"])
  let link: string | undefined
  const state = await runAction(values, async () => {
    const { actor, organization, page } = await at(form)
    const { form_key } = textsOf(form, ["form_key"])
    const secret = await runOnce(actor, form_key, { ...values, organization: organization.username }, () =>
      inviteByLink(actor, organization, { role: values.role as Role, days: values.days }),
    )
    link = `${await currentOrigin()}/invitations/${secret}`
    revalidatePath(page)
  })
  return { ...state, link }
}

export async function changeRoleAction(_state: FormState, form: FormData): Promise<FormState> {
  const { username, role } = textsOf(form, ["username", "role"])
  return runAction({}, async () => {
    const { actor, organization, page } = await at(form)
    await changeRole(actor, organization, username, role as Role)
    redirect(`${page}?changed=${encodeURIComponent(username)}`)
  })
}

/** Removes a member, or lets the actor leave. */
export async function removeMemberAction(_state: FormState, form: FormData): Promise<FormState> {
  const { username } = textsOf(form, ["username"])
  return runAction({}, async () => {
    const { actor, organization, page } = await at(form)
    await removeMember(actor, organization, username)
    redirect(username === actor.username ? "/organizations?left=1" : `${page}?removed=${encodeURIComponent(username)}`)
  })
}

export async function revokeInvitationAction(_state: FormState, form: FormData): Promise<FormState> {
  const { id } = textsOf(form, ["id"])
  return runAction({}, async () => {
    const { actor, organization, page } = await at(form)
    await revokeInvitation(actor, organization, Number(id))
    redirect(`${page}?revoked=1`)
  })
}
