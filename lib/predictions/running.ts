import { write, type Db } from "@/db"
import { livePrediction } from "./channel"
import { requeue } from "./queue-store"
import type { Prediction, Row } from "./row"
import { findPrediction, updateKept } from "./store"

export { cancelNow, endPrediction, webhookOrigin, type Outcome } from "./end"
export { outcomesOf, type Outcomes } from "./outcomes-store"
export { updateUnfinished as writeProgress } from "./store"
export {
  claimPredictions,
  countWaiting,
  findOrphans,
  isBeingStored,
  notBeingStored,
  setStoringUntil,
  findOverdue,
  findRunningOn,
  findWaiting,
  findWaitingAccounts,
  findWaitingPools,
} from "./queue-store"

/** The current state of a prediction, without access checks. */
export const findCurrentPrediction = async (id: string): Promise<Prediction | undefined> =>
  livePrediction(id) ?? (await findPrediction(id))

/** Run inside a write that completes the output of a finished run. Undefined if its data was deleted. */
export const replaceOutput = (
  tx: Db,
  number: number,
  fields: Pick<Row, "output" | "destination_id" | "destination">,
): Promise<Row | undefined> => updateKept(tx, number, fields)

/**
 * Returns an unstarted prediction to its position in the queue. False if it has ended or another instance has claimed
 * it.
 */
export const requeuePrediction = (number: number, instance_id: string): Promise<boolean> =>
  write((tx) => requeue(tx, number, instance_id))
