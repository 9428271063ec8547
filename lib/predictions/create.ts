import { may, seenAccounts } from "@/lib/access/policy"
import { requireAbility, type AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { attachInputFiles, dropInputFiles, keepInputFiles } from "@/lib/files/input"
import { newId } from "@/lib/id"
import { missing } from "@/lib/problem"
import { poolOfVersion } from "@/lib/pools/row"
import { knowPool } from "@/lib/pools/pool"
import {
  getRunnableModel,
  getRunnableVersion,
  isStillRunnable,
  noSuchVersion,
  openapiOf,
  type RunnableVersion,
} from "@/lib/versions/reference"
import { prepareInput, sealSecrets, streamOf } from "./input"
import { InvalidInput } from "./invalid-input"
import { noteUnfinished, requireRoom } from "./quota"
import { readRequest } from "./request"
import type { Prediction } from "./row"
import { predictionSignals } from "./signals"
import { insertPrediction } from "./store"

/** What is to be run: the version that the body names, or what the address of a model stands for. */
export type Target = { version: "named" } | { owner: string; name: string }

export type CreateOptions = {
  /** The account that it is for and that pays; the actor's own unless another one is named. */
  account?: AccountRef
  /** A time such as 30s, from a header, which stands before the body's `lifetime`. */
  cancelAfter?: string
  /** Where this instance is reached, for the webhook. */
  site: string
}

/**
 * Keeps a prediction that waits to be run. Throws `invalidInput` with everything that is wrong with body and input, `noSuchVersion`, `missing` for a model
 * that is not there, `throttled` for an account with too many that are not over, and what `writeAs` throws.
 */
export async function createPrediction(
  actor: Actor,
  target: Target,
  body: unknown,
  { account = { id: actor.owner_id, username: actor.username }, cancelAfter, site }: CreateOptions,
): Promise<Prediction> {
  requireScope(actor, "write")
  requireAbility(actor, account, "run")
  const named = "version" in target
  const runnableModel = named ? undefined : await getRunnableModel(actor, target.owner, target.name)
  const request = readRequest(body, { namesVersion: named, cancelAfter })
  if ("invalid" in request) throw new InvalidInput(request.invalid)
  const runnable = runnableModel ?? (await getRunnableVersion(actor, request.version!))
  requireMayRun(account, actor, runnable)

  const openapi = await openapiOf(runnable.number)
  const prepared = prepareInput(openapi, request.input)
  if ("invalid" in prepared) throw new InvalidInput(prepared.invalid)
  await requireRoom(actor, account)

  const id = newId()
  const pool = poolOfVersion(runnable.number)
  const keepPool = knowPool({
    key: pool,
    model_id: runnable.model_id,
    version: runnable.version,
    hardware: runnable.hardware,
  })
  const kept = await keepInputFiles(account.id, prepared.input, prepared.files, site)
  if (kept.invalid.length > 0) throw new InvalidInput(kept.invalid)
  const input = sealSecrets(id, { ...prepared, input: kept.input })
  const write = writeAs(actor, { account, ability: "run" }, async (tx, standing) => {
    if (!(await isStillRunnable(tx, runnable, seenAccounts(standing)))) throw noSuchVersion()
    await keepPool(tx)
    const created_at = now()
    const inserted = await insertPrediction(tx, {
      id,
      owner_id: account.id,
      created_by: actor.owner_id,
      token_id: actor.token_id ?? null,
      model_id: runnable.model_id,
      version: runnable.version,
      operation: "predict",
      deployment_id: null,
      destination_id: null,
      pool,
      status: "starting",
      input,
      secrets: prepared.secrets.length > 0 ? prepared.secrets : null,
      output: null,
      error: null,
      logs: "",
      metrics: null,
      source: actor.via === "web" ? "web" : "api",
      webhook: request.webhook,
      webhook_events_filter: request.webhook_events_filter,
      site: request.webhook ? site : null,
      streams: streamOf(openapi),
      instance_id: null,
      claimed_at: null,
      begun: false,
      cancel_requested_at: null,
      deadline: request.lifetime === null ? null : fromNow(request.lifetime),
      created_at,
      started_at: null,
      completed_at: null,
      expires_at: null,
      kept: false,
      data_removed: false,
      counted: false,
    })
    await attachInputFiles(tx, kept.files, inserted.number)
    return inserted
  })
  const row = await write.catch(async (error: unknown) => {
    await dropInputFiles(kept.files)
    throw error
  })
  noteUnfinished(account.id, actor.token_id ?? null, 1)
  predictionSignals().publish({ type: "queued", pool })
  return { ...row, model: `${runnable.owner}/${runnable.name}` }
}

/** A private model runs for those who may see it; an organization's members see more than other accounts they act for. */
function requireMayRun(account: AccountRef, actor: Actor, runnable: RunnableVersion) {
  if (runnable.visibility === "private" && runnable.owner_id !== account.id && !may(actor, "see", runnable.owner_id))
    throw missing()
}
