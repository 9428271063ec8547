import { may } from "@/lib/access/policy"
import { requireAbility, type AccountRef } from "@/lib/access/require"
import { requireScope, type Actor } from "@/lib/auth/actor"
import type { Db } from "@/db"
import { missing } from "@/lib/problem"
import { poolOfVersion } from "@/lib/pools/row"
import { getRunnableModel, getRunnableVersion, type RunnableVersion } from "@/lib/versions/reference"
import { InvalidInput } from "./invalid-input"
import { queueRun } from "./queue-run"
import { readRequest } from "./request"
import type { Prediction } from "./row"

/** What to run: the version in the body, or the default version of a model. */
export type Target = { version: "named" } | { owner: string; name: string } | { deployment: DeploymentTarget }

/** What a deployment runs (lib/deployments/). */
export type DeploymentTarget = {
  id: number
  /** `owner/name` */
  label: string
  runnable: RunnableVersion
  pool: string
  /** Run inside the write: throws if the deployment no longer runs this. */
  requireEnabled: (tx: Db) => Promise<void>
}

export type CreateOptions = {
  /** The account it belongs to and is billed to; default: the actor's own. */
  account?: AccountRef
  /** A duration such as 30s from a header; overrides the body's `lifetime`. */
  cancelAfter?: string
  /** The origin of this installation, for the webhook. */
  origin: string
}

/**
 * Creates a queued prediction. Throws `invalidInput` with all errors in body and input, `noSuchVersion`, `missing` if
 * the model does not exist, `throttled` if the account has too many unfinished predictions, and what `writeAs` throws.
 */
export async function createPrediction(
  actor: Actor,
  target: Target,
  body: unknown,
  { account = { id: actor.owner_id, username: actor.username }, cancelAfter, origin }: CreateOptions,
): Promise<Prediction> {
  requireScope(actor, "write")
  requireAbility(actor, account, "run")
  const named = "version" in target
  const deployment = "deployment" in target ? target.deployment : undefined
  const runnableModel = deployment
    ? deployment.runnable
    : "owner" in target
      ? await getRunnableModel(actor, target.owner, target.name)
      : undefined
  const request = readRequest(body, { namesVersion: named, cancelAfter })
  if ("invalid" in request) throw new InvalidInput(request.invalid)
  const runnable = runnableModel ?? (await getRunnableVersion(actor, request.version!))
  requireMayRun(account, actor, runnable)

  return queueRun(actor, account, {
    operation: "predict",
    runnable,
    request,
    origin,
    pool: { key: deployment?.pool ?? poolOfVersion(runnable.number) },
    ability: "run",
    ...(deployment && {
      deployment: { deployment_id: deployment.id, deployment: deployment.label },
      alongside: deployment.requireEnabled,
    }),
  })
}

/**
 * A private model runs for those who may see it; an organization's members see more than other accounts they act for.
 */
export function requireMayRun(account: AccountRef, actor: Actor, runnable: RunnableVersion) {
  if (runnable.visibility === "private" && runnable.owner_id !== account.id && !may(actor, "see", runnable.owner_id))
    throw missing()
}
