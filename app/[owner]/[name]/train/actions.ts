"use server"

import { redirect } from "next/navigation"

import { complaintsOf, readSent } from "@/components/run/read-sent"
import { createModel, getModel } from "@/lib/models/model"
import type { CreateModelInput } from "@/lib/models/schema"
import { requireActorForForm, runAction, runOnce } from "@/lib/next/action"
import { textsOf, type FormState } from "@/lib/next/form"
import { currentOrigin } from "@/lib/next/page"
import { InvalidInput } from "@/lib/predictions/invalid-input"
import { problem, type Fields } from "@/lib/problem"
import type { DataCheck } from "@/lib/trainings/data"
import { checkTraining, createTraining } from "@/lib/trainings/training"
import { getForm, getVersion } from "@/lib/versions/version"

export type TrainState = FormState & {
  /** The results of checking the training data. */
  checks?: DataCheck[]
}

/**
 * Checks the training data and starts a training of the version in the form. Creates the destination if it is new. With
 * the check button, only checks the data.
 */
export async function trainModelAction(_state: TrainState, form: FormData): Promise<TrainState> {
  const trainer = textsOf(form, ["trainer_owner", "trainer_name", "trainer_version"])
  const at = { owner: trainer.trainer_owner, name: trainer.trainer_name, id: trainer.trainer_version }
  const values = Object.fromEntries(
    [...form].flatMap(([key, value]) => (typeof value === "string" && !key.startsWith("$") ? [[key, value]] : [])),
  )
  let checks: DataCheck[] | undefined
  const state = await runAction(values, async () => {
    const actor = await requireActorForForm(`/${at.owner}/${at.name}/train`)
    const { training, too_large } = await getForm(actor, at.owner, at.name, at.id)
    const { input, complaints } = readSent({ inputs: training?.inputs ?? [], too_large }, values)
    if (Object.keys(complaints).length > 0) throw problem("invalid", "The input could not be read.", complaints)
    checks = await checkTraining(actor, at, input).catch(inWords)
    const broken = checks.filter((one) => one.problem !== null)
    if (broken.length > 0) throw problem("invalid", "The training data cannot be used.", problemsIn(broken))
    if (values.check) return

    const { hardware } = await getModel(actor, at.owner, at.name)
    await getVersion(actor, at.owner, at.name, at.id)
    const path = await runOnce(actor, values.form_key ?? "", values, async () => {
      const destination = values.kind === "new" ? await created(values, hardware) : (values.existing ?? "")
      if (destination === "") throw problem("invalid", "Choose a destination.", { existing: "Choose a model." })
      const { cost_limit_usd } = values
      const body = { destination, input, ...(cost_limit_usd?.trim() && { cost_limit_usd }) }
      const { id } = await createTraining(actor, at, body, { origin: await currentOrigin() }).catch(inWords)
      return `/trainings/${id}`
    })
    redirect(path)

    async function created({ owner = "", name = "", visibility = "" }: Record<string, string>, hardware: string) {
      const model = { owner, name, visibility, hardware } as CreateModelInput
      const made = await createModel(actor, model)
      // If the training is rejected after this, the form offers the new model as an existing one.
      Object.assign(values, { kind: "existing", existing: `${made.owner}/${made.name}`, name: "" })
      return `${made.owner}/${made.name}`
    }
  })
  return { ...state, ok: false, ...(checks && { checks }) }
}

function inWords(error: unknown): never {
  if (!(error instanceof InvalidInput)) throw error
  const { "input.cost_limit_usd": cost_limit_usd, "input.destination": existing, ...fields } = complaintsOf(error)
  throw problem("invalid", error.detail, {
    ...fields,
    ...(cost_limit_usd && { cost_limit_usd }),
    ...(existing && { existing }),
  })
}

const problemsIn = (checks: DataCheck[]): Fields =>
  Object.fromEntries(checks.map(({ field, problem }) => [`input.${field.split(".")[0]}`, problem!]))
