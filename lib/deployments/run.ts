import { randomInt } from "node:crypto"

import type { Db } from "@/db"
import type { Actor } from "@/lib/auth/actor"
import { missing, problem } from "@/lib/problem"
import { createPrediction, type CreateOptions } from "@/lib/predictions/create"
import type { Prediction } from "@/lib/predictions/row"
import { countWaiting } from "@/lib/predictions/running"
import { getRunnableVersion } from "@/lib/versions/reference"
import { disabledProblem, getDeployment, isEnabled } from "./deployment"
import type { Deployment, Release } from "./row"
import { readDeployment } from "./store"

/**
 * Queues a prediction of a deployment for its account. Throws `unprocessable` if it is disabled, `throttled` if its
 * queue is full, and what `createPrediction` throws.
 */
export async function runDeployment(
  actor: Actor,
  owner: string,
  name: string,
  body: unknown,
  options: Omit<CreateOptions, "account">,
): Promise<Prediction> {
  const deployment = await getDeployment(actor, owner, name)
  if (!isEnabled(deployment)) throw disabledProblem(deployment)
  const release = releaseFor(deployment)
  await requireRoomInQueue(deployment, release.pool)
  const runnable = await getRunnableVersion(actor, `${release.model}:${release.version}`)
  return createPrediction(
    actor,
    {
      deployment: {
        id: deployment.id,
        label: `${deployment.owner}/${deployment.name}`,
        runnable,
        pool: release.pool,
        requireEnabled: (tx) => requireEnabled(tx, deployment.id),
      },
    },
    body,
    { ...options, account: { id: deployment.owner_id, username: deployment.owner } },
  )
}

/** Picks the release for a prediction: during a canary, the new one for its share. */
function releaseFor({ rollout, canary_since, canary_percent, release, serves }: Deployment): Release {
  return rollout === "canary" && canary_since !== null && randomInt(100) < (canary_percent ?? 0) ? release : serves
}

async function requireRoomInQueue({ queue_limit, owner, name }: Deployment, pool: string): Promise<void> {
  if (queue_limit === null || (await countWaiting(pool)) < queue_limit) return
  throw problem(
    "throttled",
    `${owner}/${name} has ${queue_limit.toLocaleString("en-US")} queued predictions, its maximum. Try again when some of them have run.`,
    {},
    5,
  )
}

async function requireEnabled(tx: Db, id: number): Promise<void> {
  const current = await readDeployment(tx, id)
  if (!current) throw missing()
  if (!isEnabled(current)) throw disabledProblem(current)
}
