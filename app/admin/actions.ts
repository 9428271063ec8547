"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { runAction, runGuardedAction, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { addHardware, updateHardware } from "@/lib/hardware/catalogue"
import { startAddingModel } from "@/lib/bundled/add"
import { decideEgress } from "@/lib/models/egress"
import { changeSettings, settingNames } from "@/lib/settings/setting"
import { changeAdministrator, disableAccount, resetTwoFactorOf, enableAccount } from "@/lib/accounts/administration"
import { issuePasswordLink } from "@/lib/accounts/password-links"

import { hardwareFields, hardwareValues, type HardwareValues } from "./values"

/** The link is only in this response; it cannot be shown again. */
export type PasswordLinkState = FormState & { link?: string }

export type HardwareState = FormState<HardwareValues>
export type NewHardwareState = FormState<HardwareValues & { sku: string }>
export type SettingsState = FormState<Record<string, string>>

export async function changeAccountAction(_state: FormState, form: FormData): Promise<FormState> {
  const { username, change } = textsOf(form, ["username", "change"])
  return runAction({}, async () => {
    const actor = await requireActor("/admin/users")
    if (change === "disable") await disableAccount(actor, username)
    else if (change === "enable") await enableAccount(actor, username)
    else if (change === "one-step") await resetTwoFactorOf(actor, username)
    else await changeAdministrator(actor, username, change === "promote")
    redirect(`/admin/users?q=${encodeURIComponent(username)}&done=1`)
  })
}

export async function passwordLinkAction(_state: PasswordLinkState, form: FormData): Promise<PasswordLinkState> {
  const { username } = textsOf(form, ["username"])
  let link: string | undefined
  const state = await runAction({}, async () => {
    const secret = await issuePasswordLink(await requireActor("/admin/users"), username)
    link = `${await currentOrigin()}/signin/reset/${secret}`
  })
  return { ...state, link }
}

export async function addModelAction(_state: FormState, form: FormData): Promise<FormState> {
  const { name } = textsOf(form, ["name"])
  return runAction({}, async () => {
    startAddingModel(await requireActor("/admin/models"), name)
    redirect("/admin/models")
  })
}

export async function decideEgressAction(_state: FormState, form: FormData): Promise<FormState> {
  const { model, decision } = textsOf(form, ["model", "decision"])
  return runAction({}, async () => {
    const actor = await requireActor("/admin/models")
    await decideEgress(actor, Number(model), decision === "allow" ? "allow" : "refuse")
    redirect("/admin/models?decided=1")
  })
}

export async function updateHardwareAction(_state: HardwareState, form: FormData): Promise<HardwareState> {
  const { sku, ...values } = textsOf(form, ["sku", ...hardwareFields])
  return runGuardedAction(form, values, async (guard) => {
    const actor = await requireActorForForm("/admin/hardware")
    const row = await updateHardware(actor, sku, { ...values, open: values.open === "yes" }, (current) =>
      guard(hardwareValues(current)),
    )
    revalidatePath("/admin/hardware")
    return hardwareValues(row)
  })
}

export async function addHardwareAction(_state: NewHardwareState, form: FormData): Promise<NewHardwareState> {
  const names = ["sku", ...hardwareFields] as const
  const values = textsOf(form, names)
  const state = await runAction(values, async () => {
    await addHardware(await requireActorForForm("/admin/hardware"), { ...values, open: values.open === "yes" })
    revalidatePath("/admin/hardware")
  })
  // The new row is in the list above; the form starts empty.
  return state.ok ? { ...state, values: { ...textsOf(new FormData(), names), open: "yes" } } : state
}

export async function changeSettingsAction(_state: SettingsState, form: FormData): Promise<SettingsState> {
  const values = textsOf(form, settingNames)
  return runGuardedAction<Record<string, string>>(form, values, async (guard) => {
    const set = await changeSettings(await requireActorForForm("/admin/settings"), values, guard)
    revalidatePath("/", "layout")
    return set
  })
}
