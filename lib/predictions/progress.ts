import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { findBooting, findInstance, findInstanceTimes } from "@/lib/instances/instance"
import { getModel } from "@/lib/models/model"
import { canEdit } from "@/lib/models/policy"
import { countAhead } from "./queue-store"
import type { Prediction } from "./row"
import { isOver } from "./status"

/** The progress of a prediction, for those who can see its account. */
export type RunProgress = {
  claimed_at: string | null
  /** The state of the instance that runs it or boots for it. */
  booting_since: string | null
  ready_at: string | null
  /** The number of predictions ahead of it in the queue; null once it is claimed. */
  ahead: number | null
  /** The set-up log of that instance, for those who may edit the model. */
  setup_log: string | null
}

/** The progress of a prediction. Null for those who cannot see its account. */
export async function findProgress(actor: Actor | null, prediction: Prediction): Promise<RunProgress | null> {
  if (!may(actor, "see", prediction.owner_id)) return null
  const waits = prediction.status === "starting" && prediction.instance_id === null
  const instance = prediction.instance_id
    ? await findInstanceTimes(prediction.instance_id)
    : waits
      ? await findBooting(prediction.pool)
      : undefined
  const [owner, name] = prediction.model.split("/") as [string, string]
  const removed = isOver(prediction.status) && prediction.data_removed
  // The log is long, and polled several times a second.
  const setUp =
    instance && !removed && (await mayEdit(actor, owner, name)) ? await findInstance(instance.id) : undefined
  return {
    claimed_at: prediction.claimed_at,
    booting_since: instance?.created_at ?? null,
    ready_at: instance?.ready_at ?? null,
    ahead: waits ? await countAhead(prediction.pool, prediction.created_at, prediction.number) : null,
    setup_log: setUp?.setup_log || null,
  }
}

const mayEdit = (actor: Actor | null, owner: string, name: string): Promise<boolean> =>
  getModel(actor, owner, name).then(
    (model) => canEdit(actor, model),
    () => false,
  )
