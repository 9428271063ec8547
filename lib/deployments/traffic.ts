import type { Actor } from "@/lib/auth/actor"
import { may } from "@/lib/access/policy"
import { fromNow } from "@/lib/clock"
import { getModel } from "@/lib/models/model"
import { ownerChoices } from "@/lib/organizations/organization"
import { nullIfNotFound, problem } from "@/lib/problem"
import { totalsSince, type Total } from "@/lib/usage/totals"
import { trafficDays, type Traffic } from "./estimate"
import { poolsOfDeployment, type Deployment } from "./row"

/**
 * The instance time of a model that an account paid for in the last `trafficDays` (UTC), including today. Null if the
 * model does not exist or did not run. Throws `forbidden` for accounts that the actor may not deploy for.
 */
export async function trafficOf(
  actor: Actor,
  { owner: username, model: reference }: { owner: string; model: string },
): Promise<Traffic | null> {
  const owner = (await ownerChoices(actor)).map((one) => one.owner).find((one) => one.username === username)
  if (!owner || !may(actor, "deploy", owner.id))
    throw problem("forbidden", "You cannot create deployments for this owner.")
  const model = await findModelNamed(actor, reference)
  if (!model) return null
  const totals = (await totalsSince({ owner_id: owner.id }, firstDay())).filter(({ model_id }) => model_id === model.id)
  return traffic(owner.username, `${model.owner}/${model.name}`, totals)
}

/**
 * The time of a deployment's instances in the last `trafficDays`; null if there were none. The caller has checked that
 * the actor may see it.
 */
export async function trafficOfDeployment({ id, owner_id, owner, name }: Deployment): Promise<Traffic | null> {
  return traffic(owner, `${owner}/${name}`, await totalsSince({ owner_id, pools: poolsOfDeployment(id) }, firstDay()))
}

const firstDay = () => fromNow(-(trafficDays - 1) * 24 * 3600).slice(0, 10)

function traffic(owner: string, of: string, totals: Total[]): Traffic | null {
  const microseconds = totals.reduce((sum, total) => sum + total.microseconds, 0)
  return microseconds === 0 ? null : { owner, of, seconds: microseconds / 1e6 }
}

async function findModelNamed(actor: Actor, reference: string) {
  const [owner, name, ...rest] = reference.trim().split("/")
  if (!owner || !name || rest.length > 0) return null
  return nullIfNotFound(getModel(actor, owner, name))
}
