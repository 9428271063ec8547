import { may } from "@/lib/access/policy"
import type { AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { accountOf } from "@/lib/owners/owner"
import { isId } from "@/lib/id"
import { getModel } from "@/lib/models/model"
import { countFitting, decodeCursor, pageOf, type Page } from "@/lib/page"
import { missing } from "@/lib/problem"
import { livePrediction } from "./channel"
import { cancelNow } from "./end"
import { removeData, setKept } from "./retention"
import type { Prediction } from "./row"
import { requireVisible } from "./shown"
import { PredictionFilter } from "./schema"
import { isOver } from "./status"
import { findPrediction, findPredictions, listPredictionSizes, type PredictionList } from "./store"

export type { Prediction }

/** Predictions per page, as in the published contract. */
export const pageSize = 100

/**
 * The current state of a prediction, for its account, members of its organization, and those who see it as a model's
 * example. Throws `missing` for everybody else.
 */
export async function getPrediction(actor: Actor | null, id: string): Promise<Prediction> {
  const prediction = livePrediction(id) ?? (isId(id) ? await findPrediction(id) : undefined)
  if (!prediction) throw missing()
  return requireVisible(actor, prediction)
}

/**
 * A page of an account's predictions, newest first; shorter if it reaches the size limit. Throws `missing` to those who
 * may not see it, and `invalid` for a bad filter or cursor.
 */
export async function listPredictions(
  actor: Actor,
  filter: PredictionFilter = {},
  from?: string,
  account: Pick<AccountRef, "id"> = { id: actor.owner_id },
  limit = pageSize,
  operation: Prediction["operation"] = "predict",
): Promise<Page<Prediction>> {
  const list = await listOf(actor, filter, account, operation)
  const cursor = from === undefined ? null : decodeCursor(from)
  const found = await listPredictionSizes(list, cursor, limit)
  const count = countFitting(found.slice(0, limit), newestSize)
  const { rows, ...neighbours } = pageOf(found, count, cursor, ({ created_at, number }) => [created_at, number])
  const stored = await findPredictions(rows.map(({ number }) => number))
  return { ...neighbours, rows: rows.flatMap(({ id, number }) => livePrediction(id) ?? stored.get(number) ?? []) }
}

/** The size of a prediction, which may have grown since it was stored. */
function newestSize({ id, bytes }: { id: string; bytes: number }): number {
  const live = livePrediction(id)
  return live ? Buffer.byteLength(JSON.stringify([live.input, live.output, live.logs])) : bytes
}

/** Resolves a filter of an account's predictions. Throws what `listPredictions` throws. */
export async function listOf(
  actor: Actor,
  filter: PredictionFilter,
  account: Pick<AccountRef, "id">,
  operation: Prediction["operation"] = "predict",
): Promise<PredictionList> {
  if (!may(actor, "see", account.id)) throw missing()
  const { model, ...rest } = PredictionFilter.parse(filter)
  const [owner, name] = model?.split("/") ?? []
  // A missing or invisible model matches no predictions.
  const model_id =
    model === undefined
      ? undefined
      : await getModel(actor, owner!, name!)
          .then((one) => one.id)
          .catch(() => 0)
  return { owner_id: account.id, operation, ...rest, model_id }
}

/**
 * Cancels a prediction: a queued one never runs; a running one ends at once with its output so far, and its model is
 * told to stop. Idempotent for a finished one. Throws what `getPrediction` and `writeAs` throw.
 */
export async function cancelPrediction(actor: Actor, id: string): Promise<Prediction> {
  const prediction = await ownPrediction(actor, id)
  if (isOver(prediction.status)) return prediction
  const right = { account: await accountOf(prediction.owner_id), ability: "run" } as const
  return (await cancelNow(prediction, (fn) => writeAs(actor, right, fn))) ?? (await getPrediction(actor, id))
}

/**
 * Removes a prediction's input, output and logs permanently; cancels it first if unfinished. Throws what
 * `cancelPrediction` throws.
 */
export async function deletePrediction(actor: Actor, id: string): Promise<void> {
  const prediction = await cancelPrediction(actor, id)
  const right = { account: await accountOf(prediction.owner_id), ability: "run" } as const
  await removeData([prediction.number], (fn) => writeAs(actor, right, fn))
}

/** Turns retention without expiry on or off. Throws what `cancelPrediction` throws. */
export async function keepPrediction(actor: Actor, id: string, kept = true): Promise<Prediction> {
  const prediction = await ownPrediction(actor, id)
  const right = { account: await accountOf(prediction.owner_id), ability: "run" } as const
  return setKept(prediction, kept, (fn) => writeAs(actor, right, fn))
}

/** Throws `missing` for a prediction that the actor may only view as an example. */
async function ownPrediction(actor: Actor, id: string): Promise<Prediction> {
  const prediction = await getPrediction(actor, id)
  if (!may(actor, "see", prediction.owner_id)) throw missing()
  return prediction
}
