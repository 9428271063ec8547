import { cache } from "react"

import { may } from "@/lib/access/policy"
import { getDeployment } from "@/lib/deployments/deployment"
import { listDeploymentHardware } from "@/lib/hardware/hardware"
import { requireActor } from "@/lib/next/action"
import { nullIfMissing } from "@/lib/next/page"
import { currentOffers, notOffered } from "@/lib/runners/offers"

/** A deployment for its page; null for who may not see it. Visitors are asked to sign in. */
export const loadDeployment = cache(async (owner: string, name: string, path: string) => {
  const actor = await requireActor(`/deployments/${owner}/${name}${path}`)
  const deployment = await nullIfMissing(getDeployment(actor, owner, name))
  return deployment && { actor, deployment, changes: may(actor, "deploy", deployment.owner_id) }
})

/** Hardware to choose from, as a form shows it. */
export async function hardwareChoices() {
  const [rows, offers] = await Promise.all([listDeploymentHardware(), currentOffers()])
  return rows.map(({ sku, name, usd_per_second }) => ({
    sku,
    name,
    usd_per_second,
    missing: notOffered(offers, sku) !== null,
  }))
}
export type HardwareChoice = Awaited<ReturnType<typeof hardwareChoices>>[number]
