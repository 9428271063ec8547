import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import type { Prediction } from "./row"

/**
 * A prediction as the actor sees it. Those who see it only as an example get neither its webhook nor its deployment.
 */
export const shownTo = (actor: Actor | null, prediction: Prediction): Prediction =>
  may(actor, "see", prediction.owner_id)
    ? prediction
    : { ...prediction, webhook: null, webhook_events_filter: null, deployment: null }
