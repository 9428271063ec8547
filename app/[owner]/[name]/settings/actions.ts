"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { runAction, runGuardedAction, runOnce, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { previewReadme } from "@/lib/models/readme"
import { detailFields, readmeLimit, type DetailField } from "@/lib/models/fields"
import { deleteModel, updateModel, type WholeModel } from "@/lib/models/model"
import { renameModel } from "@/lib/models/rename"
import type { UpdateModelInput } from "@/lib/models/schema"
import { detailsOf } from "./details"
import { offerTransfer, withdrawTransfer } from "@/lib/transfers/transfer"
import { invalid } from "@/lib/problem"

/** The model a form is about, as `owner/name` in the hidden field `model`. */
export type ModelRef = { owner: string; name: string }

function refOf(form: FormData): ModelRef {
  const [owner = "", name = ""] = textsOf(form, ["model"]).model.split("/")
  return { owner, name }
}

const addressOf = ({ owner, name }: ModelRef) => `/${owner}/${name}/settings`

/**
 * Saves a form unless somebody else has saved since, and refreshes the page. `valuesOf` reads the form's fields from
 * the model.
 */
async function save<V extends Record<string, string>>(
  form: FormData,
  values: V,
  change: UpdateModelInput,
  valuesOf: (model: WholeModel) => V,
): Promise<FormState<V>> {
  const ref = refOf(form)
  return runGuardedAction(form, values, async (guard) => {
    const model = await updateModel(await requireActorForForm(addressOf(ref)), ref.owner, ref.name, change, (current) =>
      guard(valuesOf(current)),
    )
    revalidatePath(addressOf(ref))
    return valuesOf(model)
  })
}

export async function saveDetailsAction(
  _state: FormState,
  form: FormData,
): Promise<FormState<Record<DetailField, string>>> {
  const values = textsOf(form, detailFields)
  return save(form, values, values, detailsOf)
}

/** `preview` is the rendered README. */
export type ReadmeState = FormState<{ readme: string }> & { preview?: string }

export async function saveReadmeAction(_state: ReadmeState, form: FormData): Promise<ReadmeState> {
  const { intent, revision, ...sent } = textsOf(form, ["readme", "intent", "revision"])
  const readme = sent.readme.replaceAll("\r\n", "\n")
  const values = { readme }
  if (intent === "preview") {
    const state = await runAction(values, async () => void (await requireActorForForm(addressOf(refOf(form)))))
    return { ...state, revision, ...(state.ok && { ok: false, preview: await drawn(readme) }) }
  }
  const state = await save(form, values, values, (model) => ({ readme: model.readme ?? "" }))
  return state.ok ? { ...state, preview: await drawn(readme) } : state
}

const drawn = (readme: string) => previewReadme(readme.slice(0, readmeLimit))

export async function saveCoverLinkAction(
  _state: FormState,
  form: FormData,
): Promise<FormState<{ cover_image_url: string }>> {
  const values = textsOf(form, ["cover_image_url"])
  return save(form, values, values, ({ cover_image_url }) => ({ cover_image_url: cover_image_url ?? "" }))
}

export async function saveHardwareAction(_state: FormState, form: FormData): Promise<FormState<{ hardware: string }>> {
  const values = textsOf(form, ["hardware"])
  return save(form, values, values, ({ hardware }) => ({ hardware }))
}

/** The value of the egress form: whether the owner has requested Internet access. */
const egressOfRow = ({ egress_asked_at }: WholeModel) => ({ egress: egress_asked_at === null ? "none" : "internet" })

export async function saveEgressAction(_state: FormState, form: FormData): Promise<FormState<{ egress: string }>> {
  const values = textsOf(form, ["egress"])
  return save(form, values, values as UpdateModelInput, egressOfRow)
}

export async function saveVisibilityAction(
  _state: FormState,
  form: FormData,
): Promise<FormState<{ visibility: string }>> {
  const values = textsOf(form, ["visibility"])
  return save(form, values, values as UpdateModelInput, ({ visibility }) => ({ visibility }))
}

/** Redirects to the settings under the new name. */
export async function renameModelAction(_state: FormState, form: FormData): Promise<FormState<{ name: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["name"])
  return runAction(values, async () => {
    const { owner, name } = await renameModel(await requireActorForForm(addressOf(ref)), ref.owner, ref.name, values)
    redirect(`${addressOf({ owner, name })}?renamed=1`)
  })
}

export async function offerTransferAction(_state: FormState, form: FormData): Promise<FormState<{ to: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["to"])
  return runAction(values, async () => {
    await offerTransfer(await requireActorForForm(addressOf(ref)), ref.owner, ref.name, values)
    revalidatePath(addressOf(ref))
  })
}

export async function withdrawTransferAction(_state: FormState, form: FormData): Promise<FormState> {
  const ref = refOf(form)
  return runAction({}, async () => {
    await withdrawTransfer(await requireActor(addressOf(ref)), ref.owner, ref.name)
    revalidatePath(addressOf(ref))
  })
}

/** Redirects to the owner's profile. Typing the name is a safeguard of the page; the API does not ask for it. */
export async function deleteModelAction(_state: FormState, form: FormData): Promise<FormState<{ confirm: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["confirm"])
  return runAction(values, async () => {
    const actor = await requireActor(addressOf(ref))
    if (values.confirm.trim() !== ref.name) throw invalid({ confirm: `Type ${ref.name} to delete the model.` })
    const path = await runOnce(actor, textsOf(form, ["form_key"]).form_key, { ...ref }, async () => {
      await deleteModel(actor, ref.owner, ref.name)
      return `/${ref.owner}?deleted=1`
    })
    redirect(path)
  })
}
