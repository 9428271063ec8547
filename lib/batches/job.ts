import { setImmediate } from "node:timers/promises"

import type { Actor } from "@/lib/auth/actor"
import type { Job } from "@/lib/jobs/job"
import { log } from "@/lib/log"
import { rolesOf } from "@/lib/organizations/organization"
import { actorFor, getAccount, usernamesOf } from "@/lib/owners/owner"
import { nullIfNotFound, Problem } from "@/lib/problem"
import { createPrediction } from "@/lib/predictions/create"
import { cancelNow } from "@/lib/predictions/end"
import type { Prediction } from "@/lib/predictions/prediction"
import { estimateRun } from "@/lib/predictions/estimate"
import { claimNext, listOpen, recordRunOutcome, stopRow, sumRuns, unclaim, type Batch } from "./store"

/** Concurrent runs of a batch, limited so that a batch does not hold up other predictions. */
const atOnce = 8

/** Batches per call. */
const together = 100
/** The last batch of the previous call. The next call continues after it, so that stuck batches do not block others. */
let last = 0

/** Advances the next unfinished batches, up to `together` per call. */
export async function advanceBatches(signal?: AbortSignal): Promise<void> {
  const open = await listOpen(together, last)
  last = open.length < together ? 0 : open.at(-1)!.number
  for (const batch of open) {
    if (signal?.aborted) return
    await advance(batch).catch((error: unknown) => log("error", "a batch could not go on", { error, batch: batch.id }))
  }
}

export const batchesJob: Job = {
  name: "batches",
  every: 1,
  by: "installation",
  hasWork: async () => (await listOpen(1)).length > 0,
  run: advanceBatches,
}

async function advance(batch: Batch): Promise<void> {
  const { statuses, spent, average } = await sumRuns(batch.number)
  let unfinished = (statuses.starting ?? 0) + (statuses.processing ?? 0)
  if (batch.next >= batch.total) {
    if (unfinished === 0) await stopRow(batch.number, "done")
    return
  }
  const actor = await actorOf(batch)
  if (!actor || batch.model === "") return void (await stopRow(batch.number, "refused"))
  const limit = batch.usd_limit === null ? Infinity : Number(batch.usd_limit)
  const each = limit === Infinity ? 0 : (average ?? (await usualCost(actor, batch)))
  // If there is a limit and the cost is unknown, a single run determines it first.
  const most = each === null ? 1 : atOnce
  for (let place = batch.next; place < batch.total && unfinished < most; place++) {
    // Each unfinished run is expected to cost the average.
    if (spent + (unfinished + 1) * (each ?? 0) > limit) {
      if (unfinished === 0) await stopRow(batch.number, "limit")
      return
    }
    // Checking an input can take a while: yield to other requests.
    await setImmediate()
    if (!(await begin(actor, batch, place))) return
    unfinished++
  }
}

/** Starts the next run of a batch. False when the batch cannot continue now. */
async function begin(actor: Actor, batch: Batch, place: number): Promise<boolean> {
  const input = await claimNext(batch.number, place)
  if (!input) return false
  let made: Prediction | undefined
  try {
    const body = { version: `${batch.model}:${batch.version}`, input }
    made = await createPrediction(actor, { version: "named" }, body, { origin: batch.origin })
    const stopped = await recordRunOutcome(batch.number, place, { prediction: made.number })
    // The batch was stopped before this run was recorded.
    if (stopped) await cancelNow(made)
    return !stopped
  } catch (error) {
    // The batch does not know of this run, and its input is tried again.
    if (made) await cancelNow(made)
    // A temporary failure: the input is tried again.
    if (!(error instanceof Problem) || error.kind === "throttled" || error.kind === "unavailable") {
      await unclaim(batch.number, place)
      if (!(error instanceof Problem)) throw error
      return false
    }
    await recordRunOutcome(batch.number, place, { refusal: error.detail.trim() })
    if (["unauthenticated", "forbidden", "missing"].includes(error.kind)) {
      await stopRow(batch.number, "refused")
      return false
    }
    return true
  }
}

async function usualCost(actor: Actor, { model, version }: Batch): Promise<number | null> {
  const [owner, name] = model.split("/") as [string, string]
  const { usd } = await estimateRun(actor, owner, name, version)
  return usd === null ? null : Number(usd)
}

/** The creator of a batch, or its token, with current rights; undefined if the account no longer exists. */
async function actorOf({ created_by: id, token_id }: Batch): Promise<Actor | undefined> {
  const username = (await usernamesOf([id])).get(id)
  if (username === undefined) return undefined
  const account = await nullIfNotFound(getAccount(username))
  if (!account) return undefined
  // Nobody fetches the output of each run at once, so data is kept as long as that of web predictions.
  const actor = actorFor(account, "web")
  return token_id === null ? { ...actor, roles: await rolesOf(id) } : { ...actor, token_id }
}
