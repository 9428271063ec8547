import { write } from "@/db"
import { livePrediction } from "./channel"
import { requeue } from "./queue-store"
import type { Prediction } from "./row"
import { findPrediction } from "./store"

export { cancelNow, endPrediction, siteOf, type Outcome } from "./end"
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

/** Puts a prediction that was not begun back to its place in the queue. False when it is over, or of another instance by now. */
export const requeuePrediction = (number: number, instance_id: string): Promise<boolean> =>
  write((tx) => requeue(tx, number, instance_id))
