"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { tryVersion } from "@/lib/batches/create"
import type { NewTrial } from "@/lib/batches/schema"
import { retrySetUp } from "@/lib/predictions/set-up"
import { deleteVersion } from "@/lib/versions/version"

export async function deleteVersionAction(_state: FormState, form: FormData): Promise<FormState> {
  const values = textsOf(form, ["owner", "name", "id"])
  const base = `/${encodeURIComponent(values.owner)}/${encodeURIComponent(values.name)}`
  const state = await runAction(values, async () => {
    await deleteVersion(
      await requireActor(`${base}/versions/${encodeURIComponent(values.id)}`),
      values.owner,
      values.name,
      values.id,
    )
  })
  if (!state.ok) return state
  revalidatePath(base, "layout")
  redirect(`${base}/versions?deleted=1`)
}

/** Starts a trial of a version on the model's examples or on the viewer's latest runs, and redirects to the trial. */
export async function tryVersionAction(_state: FormState, form: FormData): Promise<FormState> {
  const { owner, name, version, of } = textsOf(form, ["owner", "name", "version", "of"])
  return runAction({}, async () => {
    const actor = await requireActor(`/${owner}/${name}/versions/${version}`)
    const trial = { of: of as NewTrial["of"] }
    const batch = await tryVersion(actor, owner, name, version, trial, await currentOrigin())
    redirect(`/batches/${batch.id}`)
  })
}

/** Retries the set-up of a version, and shows its page again. */
export async function retrySetUpAction(_state: FormState, form: FormData): Promise<FormState> {
  const { owner, name, id } = textsOf(form, ["owner", "name", "id"])
  const path = `/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/versions/${encodeURIComponent(id)}`
  return runAction({}, async () => {
    await retrySetUp(await requireActor(path), owner, name, id)
    redirect(`${path}?retried=1`)
  })
}
