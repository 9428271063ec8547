"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { attempt, requireActor } from "@/lib/doors/action"
import { textsOf, type FormState } from "@/lib/doors/form"
import { renderMarkdown } from "@/lib/markdown"
import { detailFields, readmeLimit, type DetailField } from "@/lib/models/fields"
import { deleteModel, updateModel } from "@/lib/models/model"
import { renameModel } from "@/lib/models/rename"
import type { UpdateModelInput } from "@/lib/models/schema"
import { offerTransfer, withdrawTransfer } from "@/lib/models/transfer"
import { invalid } from "@/lib/problem"

/** Which model a form is about; its hidden field `model` says so as `owner/name`. */
export type ModelRef = { owner: string; name: string }

function refOf(form: FormData): ModelRef {
  const [owner = "", name = ""] = textsOf(form, ["model"]).model.split("/")
  return { owner, name }
}

const addressOf = ({ owner, name }: ModelRef) => `/${owner}/${name}/settings`

/** Changes the model as the form says and shows the page anew. */
async function save<V extends Record<string, string>>(ref: ModelRef, values: V, change: UpdateModelInput): Promise<FormState<V>> {
  return attempt(values, async () => {
    await updateModel(await requireActor(addressOf(ref)), ref.owner, ref.name, change)
    revalidatePath(addressOf(ref))
  })
}

export async function saveDetailsAction(_state: FormState, form: FormData): Promise<FormState<Record<DetailField, string>>> {
  const ref = refOf(form)
  const values = textsOf(form, detailFields)
  return save(ref, values, values)
}

/** `preview` is the README as it looks now, or as it would when only that was asked for. */
export type ReadmeState = FormState<{ readme: string }> & { preview?: string }

export async function saveReadmeAction(_state: ReadmeState, form: FormData): Promise<ReadmeState> {
  const { intent, ...values } = textsOf(form, ["readme", "intent"])
  const readme = values.readme.replaceAll("\r\n", "\n")
  const ref = refOf(form)
  const state = await (intent === "preview" ? attempt(values, async () => void (await requireActor(addressOf(ref)))) : save(ref, values, { readme }))
  return state.ok ? { ...state, ok: intent !== "preview", preview: renderMarkdown(readme.slice(0, readmeLimit)) } : state
}

export async function saveCoverLinkAction(_state: FormState, form: FormData): Promise<FormState<{ cover_image_url: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["cover_image_url"])
  return save(ref, values, values)
}

export async function saveHardwareAction(_state: FormState, form: FormData): Promise<FormState<{ hardware: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["hardware"])
  return save(ref, values, values)
}

export async function saveVisibilityAction(_state: FormState, form: FormData): Promise<FormState<{ visibility: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["visibility"])
  return save(ref, values, values as UpdateModelInput)
}

/** Goes on to the settings under the new name. */
export async function renameModelAction(_state: FormState, form: FormData): Promise<FormState<{ name: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["name"])
  return attempt(values, async () => {
    const { owner, name } = await renameModel(await requireActor(addressOf(ref)), ref.owner, ref.name, values)
    redirect(`${addressOf({ owner, name })}?renamed=1`)
  })
}

export async function offerTransferAction(_state: FormState, form: FormData): Promise<FormState<{ to: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["to"])
  return attempt(values, async () => {
    await offerTransfer(await requireActor(addressOf(ref)), ref.owner, ref.name, values)
    revalidatePath(addressOf(ref))
  })
}

export async function withdrawTransferAction(_state: FormState, form: FormData): Promise<FormState> {
  const ref = refOf(form)
  return attempt({}, async () => {
    await withdrawTransfer(await requireActor(addressOf(ref)), ref.owner, ref.name)
    revalidatePath(addressOf(ref))
  })
}

/** Goes on to the profile, where the model no longer is. The typed name is a question to the person, not a rule of the product. */
export async function deleteModelAction(_state: FormState, form: FormData): Promise<FormState<{ confirm: string }>> {
  const ref = refOf(form)
  const values = textsOf(form, ["confirm"])
  return attempt(values, async () => {
    const actor = await requireActor(addressOf(ref))
    if (values.confirm.trim() !== ref.name) throw invalid({ confirm: `Type ${ref.name} to delete it.` })
    await deleteModel(actor, ref.owner, ref.name)
    redirect(`/${ref.owner}?deleted=1`)
  })
}
