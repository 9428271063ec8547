import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import type { Prediction } from "./row"

/** A prediction as somebody may see it who sees it only as an example: without where its account is told of it, and what it ran it with. */
export const shownTo = (actor: Actor | null, prediction: Prediction): Prediction =>
  may(actor, "see", prediction.owner_id)
    ? prediction
    : { ...prediction, webhook: null, webhook_events_filter: null, deployment: null }
