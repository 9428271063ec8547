import { write } from "@/db"
import { now } from "@/lib/clock"
import { forgetFilesOf } from "@/lib/files/output"
import { forgetDeliveriesOf } from "@/lib/webhooks/queue"
import type { Within } from "./end"
import { expiryWithin } from "./expiry"
import { removeExamplesOf, refreshDefaultExample } from "./example-store"
import { kept } from "./kept-example"
import { eraseRows, findExpired } from "./retention-store"
import type { Prediction } from "./row"
import { deleteShares } from "./share-store"
import { isOver } from "./status"
import { updatePrediction } from "./store"

/** Predictions per transaction, so that other writes need not wait long. */
const atOnce = 100

/** Removes the data of predictions, including files and webhook payloads. Their rows stay. */
export async function removeData(numbers: number[], within: Within = write): Promise<void> {
  const removeContents = await within(async (tx) => {
    await eraseRows(tx, numbers)
    for (const model_id of await removeExamplesOf(tx, numbers)) await refreshDefaultExample(tx, model_id, kept)
    await deleteShares(tx, numbers)
    await forgetDeliveriesOf(tx, numbers)
    return forgetFilesOf(tx, numbers)
  })
  await removeContents()
}

/** Removes expired data of predictions; returns their number. */
export async function removeExpiredData(signal?: AbortSignal): Promise<number> {
  let removed = 0
  while (!signal?.aborted) {
    const expired = await findExpired(now(), atOnce)
    if (expired.length > 0) await removeData(expired)
    removed += expired.length
    if (expired.length < atOnce) break
  }
  return removed
}

/** Keeps a prediction's data without expiry, or starts its retention period now. */
export async function setKept(prediction: Prediction, kept: boolean, within: Within): Promise<Prediction> {
  const row = await within(async (tx) => {
    const expires_at = isOver(prediction.status) ? await expiryWithin(tx, { ...prediction, kept }) : null
    return updatePrediction(tx, prediction.number, { kept, expires_at })
  })
  return { ...prediction, ...row }
}
