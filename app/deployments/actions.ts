"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import {
  addToSchedule,
  createDeployment,
  deleteDeployment,
  disableDeployment,
  enableDeployment,
  removeFromSchedule,
  rollBack,
  updateDeployment,
  warmUp,
} from "@/lib/deployments/deployment"
import type { CreateDeploymentInput, UpdateDeploymentInput } from "@/lib/deployments/schema"
import { runAction, runOnce, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { getAccount } from "@/lib/owners/owner"
import {
  alertFields,
  createFields,
  editFields,
  limitFields,
  scheduleFields,
  type AlertValues,
  type CreateValues,
  type EditValues,
  type LimitValues,
  type ScheduleValues,
} from "./fields"

export type CreateState = FormState<CreateValues>

export async function createDeploymentAction(_state: CreateState, form: FormData): Promise<CreateState> {
  const values = textsOf(form, createFields)
  return runAction(values, async () => {
    const actor = await requireActorForForm("/deployments/create")
    const { owner, ...fields } = values
    const account = owner === "" ? undefined : await getAccount(owner)
    const path = await runOnce(actor, textsOf(form, ["form_key"]).form_key, values, async () => {
      const deployment = await createDeployment(actor, fields as unknown as CreateDeploymentInput, account)
      return `/deployments/${deployment.owner}/${deployment.name}?created=1`
    })
    redirect(path)
  })
}

/** The deployment a form is about, as `owner/name` in the hidden field `deployment`. */
function refOf(form: FormData) {
  const [owner = "", name = ""] = textsOf(form, ["deployment"]).deployment.split("/")
  return { owner, name, path: `/deployments/${owner}/${name}` }
}

export async function updateDeploymentAction(
  _state: FormState<EditValues>,
  form: FormData,
): Promise<FormState<EditValues>> {
  const values = textsOf(form, editFields)
  const { owner, name, path } = refOf(form)
  return runAction(values, async () => {
    const { current } = await updateDeployment(
      await requireActorForForm(`${path}/settings`),
      owner,
      name,
      values as unknown as UpdateDeploymentInput,
    )
    redirect(`${path}?released=${current}`)
  })
}

export async function saveLimitsAction(
  _state: FormState<LimitValues>,
  form: FormData,
): Promise<FormState<LimitValues>> {
  const values = textsOf(form, limitFields)
  const { owner, name, path } = refOf(form)
  return runAction(values, async () => {
    await updateDeployment(
      await requireActorForForm(`${path}/settings`),
      owner,
      name,
      values as unknown as UpdateDeploymentInput,
    )
    revalidatePath(`${path}/settings`)
  })
}

export async function saveAlertsAction(
  _state: FormState<AlertValues>,
  form: FormData,
): Promise<FormState<AlertValues>> {
  const values = textsOf(form, alertFields)
  const { owner, name, path } = refOf(form)
  return runAction(values, async () => {
    const actor = await requireActorForForm(`${path}/settings`)
    await updateDeployment(actor, owner, name, values as unknown as UpdateDeploymentInput)
    revalidatePath(`${path}/settings`)
  })
}

export async function addToScheduleAction(
  _state: FormState<ScheduleValues>,
  form: FormData,
): Promise<FormState<ScheduleValues>> {
  const days = form.getAll("days").map(String)
  const values = { ...textsOf(form, scheduleFields), days: days.join() }
  const { owner, name, path } = refOf(form)
  return runAction(values, async () => {
    await addToSchedule(await requireActorForForm(`${path}/settings`), owner, name, { ...values, days })
    redirect(`${path}/settings?scheduled=1#schedule`)
  })
}

/** Removes a line of the schedule, as the pressed button says. */
export async function removeFromScheduleAction(_state: FormState, form: FormData): Promise<FormState> {
  const { line } = textsOf(form, ["line"])
  const { owner, name, path } = refOf(form)
  return runAction({}, async () => {
    await removeFromSchedule(await requireActorForForm(`${path}/settings`), owner, name, lineOf(line))
    redirect(`${path}/settings?scheduled=1#schedule`)
  })
}

function lineOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

export async function warmAction(
  _state: FormState<{ instances: string; minutes: string }>,
  form: FormData,
): Promise<FormState<{ instances: string; minutes: string }>> {
  const values = textsOf(form, ["instances", "minutes"])
  const { owner, name, path } = refOf(form)
  return runAction(values, async () => {
    await warmUp(await requireActorForForm(`${path}/settings`), owner, name, values)
    redirect(`${path}?warmed=${Number(values.instances)}`)
  })
}

/** Disables, enables, rolls back or deletes a deployment, as the pressed button says. */
export async function changeDeploymentAction(_state: FormState, form: FormData): Promise<FormState> {
  const { change, release, confirm } = textsOf(form, ["change", "release", "confirm"])
  const { owner, name, path } = refOf(form)
  return runAction({ confirm }, async () => {
    const actor = await requireActor(path)
    if (change === "disable") await disableDeployment(actor, owner, name)
    if (change === "enable") await enableDeployment(actor, owner, name)
    if (change === "rollback") {
      const { current } = await rollBack(actor, owner, name, { release })
      redirect(`${path}?released=${current}`)
    }
    if (change === "delete") {
      await deleteDeployment(actor, owner, name)
      redirect("/deployments?deleted=1")
    }
    redirect(`${path}?${change}d=1`)
  })
}
