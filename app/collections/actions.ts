"use server"

import { redirect } from "next/navigation"

import {
  addToCollection,
  createCollection,
  deleteCollection,
  moveInCollection,
  removeFromCollection,
  updateCollection,
} from "@/lib/collections/collection"
import { collectionFields, collectionMoves } from "@/lib/collections/fields"
import { runAction, runGuardedAction, runOnce, requireActor, requireActorForForm } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { splitReference } from "@/lib/models/name"
import { Problem, problem } from "@/lib/problem"
import { collectionValues, type CollectionValues } from "./values"

export type CollectionState = FormState<CollectionValues>
export type ModelState = FormState<{ model: string }>

export async function createCollectionAction(_state: CollectionState, form: FormData): Promise<CollectionState> {
  const values = textsOf(form, collectionFields)
  return runAction(values, async () => {
    const actor = await requireActorForForm("/collections/new")
    const { form_key } = textsOf(form, ["form_key"])
    const slug = await runOnce(actor, form_key, values, async () => (await createCollection(actor, values)).slug)
    redirect(`/collections/${slug}/edit?created=1#models`)
  })
}

export async function updateCollectionAction(_state: CollectionState, form: FormData): Promise<CollectionState> {
  const values = textsOf(form, collectionFields)
  const { was } = textsOf(form, ["was"])
  return runGuardedAction(form, values, async (guard) => {
    const { slug } = await updateCollection(
      await requireActorForForm(`/collections/${was}/edit`),
      was,
      values,
      (current) => guard(collectionValues(current)),
    )
    redirect(`/collections/${slug}/edit?saved=1`)
  })
}

/** Accepts `owner/name` or the URL of a model's page. */
export async function addModelAction(_state: ModelState, form: FormData): Promise<ModelState> {
  const { slug, model } = textsOf(form, ["slug", "model"])
  return runAction({ model }, async () => {
    const actor = await curator(slug)
    const reference = splitReference(model)
    if (!reference)
      throw problem("invalid", "Not a model reference.", {
        model: "Enter owner/name or paste the URL of the model’s page.",
      })
    await addToCollection(actor, slug, reference.owner, reference.name).catch((error) => {
      if (!(error instanceof Problem) || (error.kind !== "missing" && error.kind !== "invalid")) throw error
      const complaint =
        error.kind === "missing" ? `There is no public model ${reference.owner}/${reference.name}.` : error.detail
      throw problem("invalid", complaint, { model: complaint })
    })
    redirect(`/collections/${slug}/edit?added=${encodeURIComponent(`${reference.owner}/${reference.name}`)}#models`)
  })
}

/** Moves a model within the collection or removes it, as the pressed button says. */
export async function arrangeAction(form: FormData): Promise<void> {
  const { slug, owner, name, to } = textsOf(form, ["slug", "owner", "name", "to"])
  const move = collectionMoves.find((known) => known === to)
  const state = await runAction({ slug }, async () => {
    const actor = await curator(slug)
    if (move) await moveInCollection(actor, slug, owner, name, move)
    else await removeFromCollection(actor, slug, owner, name)
  })
  redirect(
    `/collections/${slug}/edit?${state.ok ? `${move ? "moved" : "removed"}=${encodeURIComponent(`${owner}/${name}`)}` : "gone=1"}#models`,
  )
}

export async function deleteCollectionAction(form: FormData): Promise<void> {
  const { slug } = textsOf(form, ["slug"])
  const state = await runAction({ slug }, async () => deleteCollection(await curator(slug), slug))
  redirect(state.ok ? "/collections?deleted=1" : `/collections/${slug}/edit?gone=1`)
}

const curator = (slug: string) => requireActor(`/collections/${slug}/edit`)
