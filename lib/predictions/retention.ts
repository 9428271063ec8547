import { setTimeout as sleep } from "node:timers/promises"

import { write } from "@/db"
import { dialect } from "@/db/kit"
import { now } from "@/lib/clock"
import { forgetFilesOf } from "@/lib/files/output"
import { forgetDeliveriesOf } from "@/lib/webhooks/queue"
import type { Within } from "./end"
import { expiryWithin } from "./expiry"
import { removeExamplesOf, refreshDefaultExample } from "./example-store"
import { toStoredExample } from "./stored-example"
import { eraseRows, findExpired } from "./retention-store"
import type { Prediction } from "./row"
import { deleteShares } from "./share-store"
import { isOver } from "./status"
import { updatePrediction } from "./store"

/** Predictions per transaction: at first, and at most. */
const atOnce = { first: 10, most: 100 }
/** How long the statements of a transaction may take. On SQLite, other writes wait for them. */
export const limitMs = dialect === "pg" ? 100 : 8

/** How many predictions to take next, after a transaction of `last` took `ms`. */
export const nextBatch = (last: number, ms: number): number =>
  ms > limitMs ? Math.max(1, Math.floor(last / 2)) : Math.min(atOnce.most, last + Math.ceil(last / 10))

/**
 * Removes the data of predictions, including files and webhook payloads. Their rows stay. Returns how many milliseconds
 * the statements took; the commit takes about the same for few and many.
 */
export async function removeData(numbers: number[], within: Within = write): Promise<number> {
  let took = 0
  const removeContents = await within(async (tx) => {
    const began = performance.now()
    await eraseRows(tx, numbers)
    for (const model_id of await removeExamplesOf(tx, numbers))
      await refreshDefaultExample(tx, model_id, toStoredExample)
    await deleteShares(tx, numbers)
    await forgetDeliveriesOf(tx, numbers)
    const removeFiles = await forgetFilesOf(tx, numbers)
    took = performance.now() - began
    return removeFiles
  })
  await removeContents()
  return took
}

/** Removes expired data of predictions; returns their number. */
export async function removeExpiredData(signal?: AbortSignal): Promise<number> {
  let removed = 0
  for (let batch = atOnce.first; !signal?.aborted;) {
    const expired = await findExpired(now(), batch)
    if (expired.length === 0) break
    const took = await removeData(expired)
    removed += expired.length
    if (expired.length < batch) break
    batch = nextBatch(batch, took)
    // Otherwise, what was requested meanwhile would share the next transaction and wait for that too.
    await sleep(Math.min(took, limitMs))
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
