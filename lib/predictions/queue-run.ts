import type { Db } from "@/db"
import { visibleAccountIds, type Ability } from "@/lib/access/policy"
import type { AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { attachInputFiles, dropInputFiles, storeInputFiles } from "@/lib/files/input"
import { newId } from "@/lib/id"
import { ensurePool, rememberPool, type Pool } from "@/lib/pools/pool"
import { isStillRunnable, noSuchVersion, openapiOf, type RunnableVersion } from "@/lib/versions/reference"
import { prepareInput, sealSecrets, streamOf } from "./input"
import { InvalidInput } from "./invalid-input"
import { adjustUnfinishedCount, requirePredictionQuota } from "./quota"
import type { PredictionRequest } from "./request"
import type { Prediction, Row } from "./row"
import { predictionSignals } from "./signals"
import { insertPrediction, type QueuedRow } from "./store"

/** A run to be queued, after access checks. */
export type NewRun = {
  id?: string
  operation: Row["operation"]
  runnable: RunnableVersion
  request: PredictionRequest
  origin: string
  pool: Pick<Pool, "key"> & Partial<Pool>
  /** The ability that the actor needs for the account. */
  ability: Ability
  /** Only for trainings. */
  training?: Pick<Row, "destination_id" | "destination" | "cost_limit_usd">
  /** The deployment that runs it. */
  deployment?: { deployment_id: number; deployment: string }
  /** Run inside the same write; throws to reject the run. */
  alongside?: (tx: Db) => Promise<void>
}

/**
 * Creates a queued run. Throws `invalidInput` with all errors in the input, `noSuchVersion` if the version was deleted
 * meanwhile, `throttled` if the account has too many unfinished predictions, and what `writeAs` throws.
 */
export async function queueRun(actor: Actor, account: AccountRef, run: NewRun): Promise<Prediction> {
  const { id = newId(), operation, runnable, request, origin, training } = run
  const openapi = await openapiOf(runnable.number)
  const prepared = prepareInput(openapi, request.input, operation === "train" ? "TrainingInput" : "Input")
  if ("invalid" in prepared) throw new InvalidInput(prepared.invalid)
  await requirePredictionQuota(actor, account)

  const pool = run.pool.key
  const { model_id, version, hardware } = runnable
  const addPool = ensurePool({ model_id, version, hardware, ...run.pool })
  const stored = await storeInputFiles(account.id, prepared.input, prepared.files, origin)
  if (stored.invalid.length > 0) throw new InvalidInput(stored.invalid)
  const input = sealSecrets(id, { ...prepared, input: stored.input })
  const write = writeAs(actor, { account, ability: run.ability }, async (tx, currentActor) => {
    if (!(await isStillRunnable(tx, runnable, visibleAccountIds(currentActor)))) throw noSuchVersion()
    await run.alongside?.(tx)
    await addPool(tx)
    const row: QueuedRow = {
      id,
      owner_id: account.id,
      created_by: actor.owner_id,
      token_id: actor.token_id ?? null,
      model_id,
      version,
      operation,
      deployment_id: run.deployment?.deployment_id ?? null,
      deployment: run.deployment?.deployment ?? null,
      destination_id: training?.destination_id ?? null,
      destination: training?.destination ?? null,
      cost_limit_usd: training?.cost_limit_usd ?? null,
      pool,
      status: "starting",
      input,
      secrets: prepared.secrets.length > 0 ? prepared.secrets : null,
      error: null,
      logs: "",
      source: actor.via === "web" ? "web" : "api",
      webhook: request.webhook,
      webhook_events_filter: request.webhook_events_filter,
      origin: request.webhook ? origin : null,
      streams: operation === "train" ? null : streamOf(openapi),
      instance_id: null,
      claimed_at: null,
      begun: false,
      cancel_requested_at: null,
      deadline: request.lifetime === null ? null : fromNow(request.lifetime),
      storing_until: null,
      created_at: now(),
      started_at: null,
      completed_at: null,
      expires_at: null,
      kept: false,
      data_removed: false,
      // Trainings do not count as runs of a model.
      counted: operation === "train",
    }
    const number = await insertPrediction(tx, row)
    await attachInputFiles(tx, stored.files, number)
    return { ...row, number, output: null, metrics: null }
  })
  const row = await write.catch(async (error: unknown) => {
    await dropInputFiles(stored.files)
    throw error
  })
  rememberPool(pool)
  adjustUnfinishedCount(account.id, actor.token_id ?? null, 1)
  predictionSignals().publish({ type: "queued", pool })
  return { ...row, model: `${runnable.owner}/${runnable.name}` }
}
