"use server"

import { redirect } from "next/navigation"

import { runAction, runOnce, requireActorForForm } from "@/lib/next/action"
import { safeNext, textsOf, type FormState } from "@/lib/next/form"
import { createOrganization } from "@/lib/organizations/organization"

export type CreateOrganizationState = FormState<{ username: string; name: string; next: string }>

/** Creates an organization and redirects to it, or back to the create form of a model, with it selected. */
export async function createOrganizationAction(
  _state: CreateOrganizationState,
  form: FormData,
): Promise<CreateOrganizationState> {
  const values = textsOf(form, ["username", "name", "next"])
  return runAction(values, async () => {
    const actor = await requireActorForForm("/organizations/create")
    const username = await runOnce(
      actor,
      textsOf(form, ["form_key"]).form_key,
      values,
      async () => (await createOrganization(actor, values)).username,
    )
    redirect(safeNext(values.next) === "/create" ? `/create?owner=${username}` : `/organizations/${username}/members`)
  })
}

/** Creates an organization without a redirect; its name is in the values of the state. */
export async function addOrganizationAction(
  _state: CreateOrganizationState,
  form: FormData,
): Promise<CreateOrganizationState> {
  const values = textsOf(form, ["username", "name", "next"])
  return runAction(values, async () => {
    const { username } = await createOrganization(await requireActorForForm("/create"), values)
    values.username = username
  })
}
