"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { currentSecret, renewSession, stopSession } from "@/lib/next/session"
import { runAction, runGuardedAction, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { clearSiteData, currentOrigin } from "@/lib/next/page"
import {
  beginTwoFactorSetup,
  readTwoFactorSetup,
  renewRecoveryCodes,
  disableTwoFactor,
  enableTwoFactor,
  type Setup,
} from "@/lib/two-factor/two-factor"
import { contactOf, profileFields, profileOf, type Contact, type Profile } from "./profile"
import { getOrganization } from "@/lib/organizations/organization"
import { getAccount } from "@/lib/owners/owner"
import { changePassword } from "@/lib/accounts/password"
import { deleteAccount } from "@/lib/accounts/close"
import { updateEmail, updateProfile } from "@/lib/owners/profile"
import { endOtherSessions, endSessionOf } from "@/lib/sessions/session"

export type ProfileState = FormState<Profile>
export type EmailState = FormState<Contact>
/** Secrets (an app being set up, recovery codes) are only in this response. */
export type TwoStepState = FormState & { setup?: Setup; codes?: string[]; done?: string }
export type DeleteState = FormState<{ confirmation: string }>

/** Saves the profile of the signed-in account, or of the organization that the form names. */
export async function updateProfileAction(_state: ProfileState, form: FormData): Promise<ProfileState> {
  const values = textsOf(form, profileFields)
  const { organization } = textsOf(form, ["organization"])
  return runGuardedAction(form, values, async (guard) => {
    const actor = await requireActorForForm(
      organization ? `/organizations/${encodeURIComponent(organization)}/settings` : "/account",
    )
    const account = organization
      ? await getOrganization(actor, organization, "profile")
      : await getAccount(actor.username)
    const updated = await updateProfile(actor, account, values, (current) => guard(profileOf(current)))
    revalidatePath("/", "layout")
    return profileOf(updated)
  })
}

export async function updateEmailAction(_state: EmailState, form: FormData): Promise<EmailState> {
  const { password, ...values } = textsOf(form, ["email", "password"])
  const save = async (guard: (current: { email: string }) => void) =>
    updateEmail(await requireActorForForm("/account"), { ...values, password }, (current) => guard(contactOf(current)))
  return runGuardedAction(form, values, async (guard) => contactOf(await save(guard)))
}

export async function changePasswordAction(_state: FormState, form: FormData): Promise<FormState> {
  const input = textsOf(form, ["current", "password"])
  return runAction({}, async () => {
    await changePassword(await requireActor("/account/security"), input, await currentSecret())
    await renewSession()
    revalidatePath("/account/security")
  })
}

/** Runs the step of two-step sign-in that the pressed button names. */
export async function twoStepAction(_state: TwoStepState, form: FormData): Promise<TwoStepState> {
  const { change, password, code, setup_token } = textsOf(form, ["change", "password", "code", "setup_token"])
  if (change === "cancel") return { ok: false, values: {}, detail: "", fields: {}, done: change }
  let result: Pick<TwoStepState, "setup" | "codes"> = {}
  const state = await runAction({}, async () => {
    const actor = await requireActor("/account/security")
    const { host } = new URL(await currentOrigin())
    if (change === "confirm") {
      result = { setup: readTwoFactorSetup(actor, setup_token, host) }
      result = { codes: await enableTwoFactor(actor, { setupToken: setup_token, code }, await currentSecret()) }
      await renewSession()
    } else if (change === "codes") result = { codes: await renewRecoveryCodes(actor, { password, code }) }
    else if (change === "off") await disableTwoFactor(actor, { password, code })
    else result = { setup: await beginTwoFactorSetup(actor, password, host) }
    if (!result.setup) revalidatePath("/account/security")
  })
  return { ...state, ...result, done: change }
}

/** Signs out one browser, or all others, as the pressed button says. */
export async function endSessionsAction(_state: FormState, form: FormData): Promise<FormState> {
  const { handle, password } = textsOf(form, ["handle", "password"])
  return runAction({}, async () => {
    const actor = await requireActor("/account/security")
    if (handle === "others") await endOtherSessions(actor, await currentSecret(), password)
    else await endSessionOf(actor, handle, password)
    redirect("/account/security?ended=1")
  })
}

/** Deletes the signed-in account, or the organization that the form names. */
export async function deleteAccountAction(_state: DeleteState, form: FormData): Promise<DeleteState> {
  const { password, organization, ...values } = textsOf(form, ["confirmation", "password", "organization"])
  return runAction(values, async () => {
    const actor = await requireActor("/account")
    const account = organization
      ? await getOrganization(actor, organization, "close")
      : await getAccount(actor.username)
    await deleteAccount(actor, account, { confirmation: values.confirmation, password })
    if (organization) redirect("/organizations?deleted=1")
    await stopSession()
    clearSiteData()
    redirect("/")
  })
}
