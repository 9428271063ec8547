import { setImmediate } from "node:timers/promises"

import type { Db } from "@/db"
import { visibleAccountIds } from "@/lib/access/policy"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { withPublicUrls } from "@/lib/files/address"
import { newId } from "@/lib/id"
import { invalid, problem } from "@/lib/problem"
import { requireMayRun } from "@/lib/predictions/create"
import { budgetOfInputs } from "@/lib/predictions/check"
import { listEarlierInputs } from "@/lib/predictions/earlier-inputs"
import { estimateRun } from "@/lib/predictions/estimate"
import { prepareInput } from "@/lib/predictions/input"
import {
  getRunnableVersion,
  isStillRunnable,
  noSuchVersion,
  openapiOf,
  type RunnableVersion,
} from "@/lib/versions/reference"
import { getVersion } from "@/lib/versions/version"
import { NewBatch, NewTrial } from "./schema"
import { countOpen, insertBatch, type Batch, type NewBatchRun } from "./store"

/** Estimates of a batch; null where unknown. */
export type BatchEstimate = { inputs: number; usd: number | null; seconds: number | null }

/** Validates a batch without starting it. Throws what `createBatch` throws. */
export async function checkBatch(actor: Actor, input: NewBatch): Promise<BatchEstimate> {
  const { version: reference, inputs } = NewBatch.parse(input)
  const { owner, name, version } = await requireValid(actor, reference, inputs)
  const { usd, run_seconds } = await estimateRun(actor, owner, name, version)
  return {
    inputs: inputs.length,
    usd: usd === null ? null : Number(usd) * inputs.length,
    seconds: run_seconds === null ? null : run_seconds * inputs.length,
  }
}

/**
 * Creates a batch, whose inputs run a few at a time until all are done or the spending limit is reached. Throws what
 * `getRunnableVersion` and `writeAs` throw, `noSuchVersion` if the version was deleted meanwhile, and `invalid` with
 * the first 20 inputs that the version does not accept.
 */
export async function createBatch(actor: Actor, input: NewBatch, origin: string): Promise<Batch> {
  const { version, inputs, usd_limit } = NewBatch.parse(input)
  const runnable = await requireValid(actor, version, inputs)
  const runs = inputs.map((one) => ({ input: one, base: null }))
  return startBatch(actor, runnable, { kind: "inputs", runs, usd_limit, origin })
}

const maxTried = 20

/**
 * Runs a version on earlier inputs of the model, to compare the outputs. Throws what `getVersion`
 * and `createBatch` throw, and `invalid` if there are no earlier inputs.
 */
export async function tryVersion(
  actor: Actor,
  owner: string,
  name: string,
  version: string,
  input: NewTrial,
  origin: string,
): Promise<Batch> {
  await getVersion(actor, owner, name, version)
  const { of } = NewTrial.parse(input)
  const runnable = await getRunnableVersion(actor, `${owner}/${name}:${version}`)
  const runs = (await listEarlierInputs(actor, owner, name, version, of, maxTried)).map(({ input, number }) => ({
    input: withPublicUrls(input, origin) as Record<string, unknown>,
    base: number,
  }))
  if (runs.length === 0)
    throw invalid({
      of:
        of === "examples"
          ? "No other version has an example. Add one of its runs as an example first."
          : "You have no runs of another version whose data is still kept.",
    })
  return startBatch(actor, runnable, { kind: "trial", runs, usd_limit: null, origin })
}

/** Unfinished batches per account. */
export const maxOpen = 20

async function startBatch(
  actor: Actor,
  runnable: RunnableVersion,
  { runs, usd_limit, ...fields }: Pick<Batch, "kind" | "origin"> & { runs: NewBatchRun[]; usd_limit: number | null },
): Promise<Batch> {
  const account = { id: actor.owner_id, username: actor.username }
  requireMayRun(account, actor, runnable)
  const start = async (tx: Db, currentActor: Actor) => {
    if (!(await isStillRunnable(tx, runnable, visibleAccountIds(currentActor)))) throw noSuchVersion()
    if ((await countOpen(tx, account.id)) >= maxOpen) throw tooMany(account.username)
    return insertBatch(
      tx,
      {
        ...fields,
        id: newId(),
        owner_id: account.id,
        created_by: actor.owner_id,
        token_id: actor.token_id ?? null,
        model_id: runnable.model_id,
        version: runnable.version,
        total: runs.length,
        next: 0,
        usd_limit: usd_limit === null ? null : String(usd_limit),
        created_at: now(),
        stopped_at: null,
        stop_reason: null,
      },
      runs,
    )
  }
  const row = await writeAs(actor, { account, ability: "run" }, start, `batches of ${account.id}`)
  return { ...row, model: `${runnable.owner}/${runnable.name}` }
}

const tooMany = (username: string) =>
  problem("forbidden", `${username} has ${maxOpen} unfinished batches, the maximum. Wait for one, or cancel it.`)

/** Maximum number of reported invalid inputs. */
const maxNamed = 20
/** Inputs checked before yielding to other requests. */
const checkedAtOnce = 20

async function requireValid(
  actor: Actor,
  version: string,
  inputs: Record<string, unknown>[],
): Promise<RunnableVersion> {
  const runnable = await getRunnableVersion(actor, version)
  const openapi = await openapiOf(runnable.number)
  const wrong: string[] = []
  // Inputs beyond the budget are checked when they run.
  const budget = budgetOfInputs()
  for (const [at, input] of inputs.entries()) {
    if (at % checkedAtOnce === 0) await setImmediate()
    const prepared = prepareInput(openapi, input, "Input", budget)
    if ("invalid" in prepared) {
      const said = prepared.invalid.map(({ field, description }) =>
        `${field.replace(/^input\.?/, "")} ${description}`.trim(),
      )
      wrong.push(`Input ${at + 1}: ${said.join("; ")}.`)
    } else if (prepared.secrets.length > 0)
      wrong.push(`Input ${at + 1}: ${prepared.secrets.join(", ")} is a secret, which a batch cannot keep.`)
    if (wrong.length >= maxNamed) break
  }
  if (wrong.length > 0) throw invalid({ inputs: wrong.join("\n") })
  return runnable
}
