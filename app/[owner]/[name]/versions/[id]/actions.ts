"use server"

import { revalidatePath } from "next/cache"
import { redirect } from "next/navigation"

import { runAction, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
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
