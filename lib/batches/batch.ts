import { may } from "@/lib/access/policy"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { isId } from "@/lib/id"
import { accountOf } from "@/lib/owners/owner"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { missing, nullIfNotFound } from "@/lib/problem"
import { cancelPrediction, getPrediction } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"
import { maxInputs } from "./schema"
import {
  findBatch,
  findBatchOfRun,
  listBatchRows,
  listRuns,
  listUnfinishedOf,
  stopRow,
  sumRuns,
  type Batch,
} from "./store"

export type { Batch }

/** Batches per page. */
export const batchesPerPage = 25

/** A batch with its progress. Throws `missing` to those who may not see its account. */
export async function getBatch(actor: Actor, id: string) {
  const batch = await seenBatch(actor, id)
  return { ...batch, ...(await sumRuns(batch.number)) }
}

async function seenBatch(actor: Actor, id: string): Promise<Batch> {
  const batch = isId(id) ? await findBatch(id) : undefined
  if (!batch || !may(actor, "see", batch.owner_id)) throw missing()
  return batch
}
export type BatchState = Awaited<ReturnType<typeof getBatch>>

/**
 * A page of an account's batches, newest first. Throws `missing` to those who may not see it, and `invalid` for a bad
 * cursor.
 */
export async function listBatches(
  actor: Actor,
  from?: string,
  account = { id: actor.owner_id },
  limit = batchesPerPage,
): Promise<Page<Batch>> {
  if (!may(actor, "see", account.id)) throw missing()
  const cursor = from === undefined ? null : decodeCursor(from)
  const rows = await listBatchRows(account.id, cursor, limit)
  return pageOf(rows, limit, cursor, (row) => [row.created_at, row.number])
}

/** Up to `limit` runs of a batch from a position. Throws what `getBatch` throws. */
export async function listBatchRuns(actor: Actor, id: string, from = 0, limit = 100) {
  const { number } = await seenBatch(actor, id)
  return listRuns(number, from, limit)
}
export type BatchRun = Awaited<ReturnType<typeof listBatchRuns>>[number]

/** The batch that a prediction belongs to; null if there is none or the actor may not see its account. */
export const findBatchOfPrediction = async (
  actor: Actor | null,
  { number, owner_id }: { number: number; owner_id: number },
): Promise<Awaited<ReturnType<typeof findBatchOfRun>> | null> =>
  may(actor, "see", owner_id) ? ((await findBatchOfRun(number)) ?? null) : null

/** Stops a batch and cancels its unfinished runs. Throws what `getBatch` and `writeAs` throw. */
export async function cancelBatch(actor: Actor, id: string): Promise<BatchState> {
  const batch = await seenBatch(actor, id)
  const account = await accountOf(batch.owner_id)
  await writeAs(actor, { account, ability: "run" }, (tx) => stopRow(batch.number, "canceled", tx))
  for (const prediction of await listUnfinishedOf(batch.number)) await cancelPrediction(actor, prediction)
  return getBatch(actor, id)
}

/**
 * The results of a batch in input order, as JSON lines; for a trial, with the predictions that its inputs are from.
 * Throws what `getBatch` throws.
 */
export async function exportBatch(actor: Actor, id: string, origin: string): Promise<AsyncGenerator<string>> {
  const { kind } = await seenBatch(actor, id)
  return lines(actor, id, kind, origin)
}

async function* lines(actor: Actor, id: string, kind: Batch["kind"], origin: string): AsyncGenerator<string> {
  const shown = async (prediction: string | null) =>
    prediction && presentedOrNull(getPrediction(actor, prediction), origin)
  for (let from = 0; from < maxInputs; from += 20) {
    const runs = await listBatchRuns(actor, id, from, 20)
    for (const { place, id: prediction, base, refusal } of runs) {
      const line = {
        place: place + 1,
        ...(refusal !== null && { refusal }),
        prediction: await shown(prediction),
        ...(kind === "trial" && { base: await shown(base) }),
      }
      yield `${JSON.stringify(line)}
`
    }
    if (runs.length < 20) return
  }
}

const presentedOrNull = async (finding: ReturnType<typeof getPrediction>, origin: string) => {
  const prediction = await nullIfNotFound(finding)
  return prediction && presentPrediction(prediction, origin)
}
