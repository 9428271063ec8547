import { cache } from "react"

import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { getDeployment } from "@/lib/deployments/deployment"
import { listDeploymentHardware } from "@/lib/hardware/hardware"
import type { Release } from "@/lib/deployments/row"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable } from "@/lib/next/page"
import { findModelExample } from "@/lib/predictions/example"
import { presentPrediction } from "@/lib/predictions/present"
import { currentOffers, notOfferedReason } from "@/lib/runners/offers"
import { exampleInput, noForm } from "@/lib/versions/form"
import { getForm } from "@/lib/versions/version"

/** What the pages of a deployment need; null if the viewer may not see it. Redirects visitors to sign-in. */
export const loadDeployment = cache(async (owner: string, name: string, path: string) => {
  const actor = await requireActor(`/deployments/${owner}/${name}${path}`)
  const deployment = await nullIfUnavailable(getDeployment(actor, owner, name))
  return deployment && { actor, deployment, changes: may(actor, "deploy", deployment.owner_id) }
})

/** The hardware choices of a form. */
export async function hardwareChoices() {
  const [rows, offers] = await Promise.all([listDeploymentHardware(), currentOffers()])
  return rows.map(({ sku, name, usd_per_second }) => ({
    sku,
    name,
    usd_per_second,
    missing: notOfferedReason(offers, sku) !== null,
  }))
}
export type HardwareChoice = Awaited<ReturnType<typeof hardwareChoices>>[number]

/**
 * The input for code that calls a release: that of the model's default example if it ran this version, or else a value
 * for every required input.
 */
export async function sampleInput(actor: Actor, { model, version }: Release, origin: string) {
  const [owner, name] = model.split("/") as [string, string]
  const [form, example] = await Promise.all([
    nullIfUnavailable(getForm(actor, owner, name, version)),
    nullIfUnavailable(findModelExample(actor, owner, name)),
  ])
  const { inputs } = form ?? noForm
  return {
    input: (example?.version === version && presentPrediction(example, origin).input) || exampleInput(inputs),
    secrets: inputs.filter(({ kind }) => kind === "secret").map((field) => field.name),
  }
}
