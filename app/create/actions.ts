"use server"

import { redirect } from "next/navigation"

import { runAction, runOnce, requireActor } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { createModel } from "@/lib/models/model"
import { createModelFields } from "@/lib/models/fields"
import type { CreateModelInput } from "@/lib/models/schema"
import type { CreateValues } from "./prefill"

export type CreateState = FormState<CreateValues>

/** Creates a model and redirects to its page. On errors, the state keeps everything that was typed. */
export async function createModelAction(_state: CreateState, form: FormData): Promise<CreateState> {
  const values = textsOf(form, createModelFields)
  return runAction(values, async () => {
    const actor = await requireActor(`/create?${new URLSearchParams(values)}`)
    const path = await runOnce(actor, textsOf(form, ["form_key"]).form_key, values, async () => {
      const { owner, name } = await createModel(actor, values as CreateModelInput)
      return `/${owner}/${name}?created=1`
    })
    redirect(path)
  })
}
