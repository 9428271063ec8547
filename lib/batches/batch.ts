import { may } from "@/lib/access/policy"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { located } from "@/lib/files/address"
import { isId, newId } from "@/lib/id"
import { accountOf } from "@/lib/owners/owner"
import { invalid, missing, problem, Problem } from "@/lib/problem"
import { estimateRun } from "@/lib/predictions/estimate"
import { listExamples } from "@/lib/predictions/example"
import { prepareInput } from "@/lib/predictions/input"
import { cancelPrediction, getPrediction, listPredictions } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"
import type { Prediction } from "@/lib/predictions/row"
import { getRunnableVersion, openapiOf } from "@/lib/versions/reference"
import { mostInputs, NewBatch } from "./schema"
import {
  countOpen,
  findBatch,
  insertBatch,
  listBatchRows,
  listRuns,
  listUnfinishedOf,
  stopRow,
  tally,
  type Batch,
} from "./store"

export type { Batch }

/** Estimates of a batch; null where unknown. */
export type BatchEstimate = { inputs: number; usd: number | null; seconds: number | null }

/** Validates a batch without starting it. Throws what `createBatch` throws. */
export async function checkBatch(
  actor: Actor,
  owner: string,
  name: string,
  version: string,
  input: NewBatch,
): Promise<BatchEstimate> {
  const { inputs } = NewBatch.parse(input)
  await requireValid(actor, owner, name, version, inputs)
  const { usd, run_seconds } = await estimateRun(actor, owner, name, version)
  return {
    inputs: inputs.length,
    usd: usd === null ? null : Number(usd) * inputs.length,
    seconds: run_seconds === null ? null : run_seconds * inputs.length,
  }
}

/**
 * Creates a batch, whose inputs run a few at a time until all are done or the spending limit is reached. Throws what `getRunnableVersion` and
 * `writeAs` throw, and `invalid` with every input line that the version does not accept.
 */
export async function createBatch(
  actor: Actor,
  owner: string,
  name: string,
  version: string,
  input: NewBatch,
  site: string,
): Promise<Batch> {
  const { inputs, usd_limit } = NewBatch.parse(input)
  const runnable = await requireValid(actor, owner, name, version, inputs)
  return keep(
    actor,
    runnable,
    "inputs",
    inputs.map((one) => ({ input: one, base: null })),
    usd_limit,
    site,
  )
}

/** The inputs of a trial: the model's examples, or the actor's recent runs. */
export type TrialOf = "examples" | "runs"
const mostTried = 20

/**
 * Runs a version on earlier inputs of the model, to compare the outputs. Throws what `createBatch` throws, and `invalid` if there are no earlier
 * inputs.
 */
export async function tryVersion(
  actor: Actor,
  owner: string,
  name: string,
  version: string,
  of: TrialOf,
  site: string,
): Promise<Batch> {
  const runnable = await getRunnableVersion(actor, `${owner}/${name}:${version}`)
  const known =
    of === "examples"
      ? (await listExamples(actor, owner, name)).rows
      : (await listPredictions(actor, { model: `${owner}/${name}`, status: "succeeded" })).rows
  // Secrets are not reused in other runs.
  const runs = known
    .filter((one) => one.version !== version && one.input && !one.secrets?.length)
    .slice(0, mostTried)
    .map((one) => ({ input: located(one.input, site) as Record<string, unknown>, base: one.number }))
  if (runs.length === 0)
    throw invalid({
      of:
        of === "examples"
          ? "No other version has an example. Add one of its runs as an example first."
          : "You have no runs of another version whose data is still kept.",
    })
  return keep(actor, runnable, "trial", runs, null, site)
}

/** Unfinished batches per account. */
export const mostOpen = 20

async function keep(
  actor: Actor,
  runnable: Awaited<ReturnType<typeof getRunnableVersion>>,
  kind: Batch["kind"],
  runs: { input: Record<string, unknown>; base: number | null }[],
  usd_limit: number | null,
  site: string,
): Promise<Batch> {
  const account = { id: actor.owner_id, username: actor.username }
  const row = await writeAs(actor, { account, ability: "run" }, async (tx) => {
    if ((await countOpen(tx, account.id)) >= mostOpen)
      throw problem(
        "forbidden",
        `${account.username} has ${mostOpen} unfinished batches, the maximum. Wait for one, or cancel it.`,
      )
    return insertBatch(
      tx,
      {
        id: newId(),
        owner_id: account.id,
        created_by: actor.owner_id,
        model_id: runnable.model_id,
        version: runnable.version,
        kind,
        total: runs.length,
        next: 0,
        usd_limit: usd_limit === null ? null : String(usd_limit),
        site,
        created_at: now(),
        stopped_at: null,
        stop_reason: null,
      },
      runs,
    )
  })
  return { ...row, model: `${runnable.owner}/${runnable.name}` }
}

/** Limit of reported invalid lines. */
const mostNamed = 20

async function requireValid(
  actor: Actor,
  owner: string,
  name: string,
  version: string,
  inputs: Record<string, unknown>[],
) {
  const runnable = await getRunnableVersion(actor, `${owner}/${name}:${version}`)
  const openapi = await openapiOf(runnable.number)
  const wrong: string[] = []
  for (const [at, input] of inputs.entries()) {
    const prepared = prepareInput(openapi, input)
    if ("invalid" in prepared) {
      const said = prepared.invalid.map(({ field, description }) =>
        `${field.replace(/^input\.?/, "")} ${description}`.trim(),
      )
      wrong.push(`Input ${at + 1}: ${said.join("; ")}.`)
    } else if (prepared.secrets.length > 0)
      wrong.push(`Input ${at + 1}: ${prepared.secrets.join(", ")} is a secret, which a batch cannot keep.`)
    if (wrong.length >= mostNamed) break
  }
  if (wrong.length > 0) throw invalid({ inputs: wrong.join("\n") })
  return runnable
}

/** A batch with its progress. Throws `missing` to those who may not see its account. */
export async function getBatch(actor: Actor, id: string) {
  const batch = await seenBatch(actor, id)
  return { ...batch, ...(await tally(batch.number)) }
}

async function seenBatch(actor: Actor, id: string): Promise<Batch> {
  const batch = isId(id) ? await findBatch(id) : undefined
  if (!batch || !may(actor, "see", batch.owner_id)) throw missing()
  return batch
}
export type BatchState = Awaited<ReturnType<typeof getBatch>>

/** Up to 50 batches of an account, newest first. Throws `missing` to those who may not see it. */
export async function listBatches(actor: Actor, account = { id: actor.owner_id }): Promise<Batch[]> {
  if (!may(actor, "see", account.id)) throw missing()
  return listBatchRows(account.id, 50)
}

/** Up to `limit` runs of a batch from a position. Throws what `getBatch` throws. */
export async function listBatchRuns(actor: Actor, id: string, from = 0, limit = 100) {
  const { number } = await seenBatch(actor, id)
  return listRuns(number, from, limit)
}
export type BatchRun = Awaited<ReturnType<typeof listBatchRuns>>[number]

/** Stops a batch: starts nothing more, and cancels unfinished runs. Throws what `getBatch` and `writeAs` throw. */
export async function cancelBatch(actor: Actor, id: string): Promise<void> {
  const batch = await seenBatch(actor, id)
  const account = await accountOf(batch.owner_id)
  await writeAs(actor, { account, ability: "run" }, (tx) => stopRow(batch.number, "canceled", tx))
  for (const prediction of await listUnfinishedOf(batch.number)) await cancelPrediction(actor, prediction)
}

/** The results of a batch in input order, as JSON lines. Throws what `getBatch` throws. */
export async function exportBatch(actor: Actor, id: string, origin: string): Promise<AsyncGenerator<string>> {
  await seenBatch(actor, id)
  return lines(actor, id, origin)
}

async function* lines(actor: Actor, id: string, origin: string): AsyncGenerator<string> {
  for (let from = 0; from < mostInputs; from += 20) {
    const runs = await listBatchRuns(actor, id, from, 20)
    for (const { place, id: prediction, refusal } of runs) {
      const found: Prediction | null = prediction ? await getPrediction(actor, prediction).catch(absent) : null
      yield `${JSON.stringify({ place: place + 1, ...(refusal !== null && { refusal }), prediction: found && presentPrediction(found, origin) })}\n`
    }
    if (runs.length < 20) return
  }
}

const absent = (error: unknown): null => {
  if (error instanceof Problem && error.kind === "missing") return null
  throw error
}
