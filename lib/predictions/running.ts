import { write, type Db } from "@/db"
import { livePrediction } from "./channel"
import { requeue } from "./queue-store"
import type { Prediction, Row } from "./row"
import { findPrediction, updatePrediction } from "./store"

export { cancelNow, endPrediction, siteOf, type Outcome } from "./end"
export { outcomesOf, type Outcomes } from "./outcomes-store"
export { updateUnfinished as writeProgress } from "./store"
export {
  claimPredictions,
  countWaiting,
  findOrphans,
  findOverdue,
  findRunningOn,
  findWaiting,
  findWaitingAccounts,
  findWaitingPools,
} from "./queue-store"

/** A prediction as it is at this moment, whoever asks. */
export const findPredictionNow = async (id: string): Promise<Prediction | undefined> =>
  livePrediction(id) ?? (await findPrediction(id))

/** Part of the write that adds to what a run that is over gave. Nothing else of it changes. */
export const replaceOutput = (
  tx: Db,
  number: number,
  fields: Pick<Row, "output" | "destination_id" | "destination">,
): Promise<Row | undefined> => updatePrediction(tx, number, fields)

/** Puts a prediction that was not begun back to its place in the queue. False when it is over, or of another instance by now. */
export const requeuePrediction = (number: number, instance_id: string): Promise<boolean> =>
  write((tx) => requeue(tx, number, instance_id))
