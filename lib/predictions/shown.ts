import { may, visibleAccountIds } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { missing } from "@/lib/problem"
import type { Prediction } from "./row"
import { isShownExample } from "./store"

/**
 * A prediction as the actor sees it. Those who see it only as an example get neither its webhook nor its deployment.
 */
export const shownTo = <P extends Prediction>(actor: Actor | null, prediction: P): P =>
  may(actor, "see", prediction.owner_id)
    ? prediction
    : { ...prediction, webhook: null, webhook_events_filter: null, deployment: null }

/**
 * `shownTo` for its account, members of its organization, and those who see it as a model's example. Throws `missing`
 * for everybody else.
 */
export async function requireVisible<P extends Prediction>(actor: Actor | null, prediction: P): Promise<P> {
  if (may(actor, "see", prediction.owner_id)) return prediction
  if (!(await isShownExample(prediction.number, visibleAccountIds(actor)))) throw missing()
  return shownTo(actor, prediction)
}
