import { isOver } from "./status"
import type { Prediction } from "./row"
import { findPrediction } from "./store"

/** Is told of a prediction as it is then: whole snapshots, not differences, and after the last one nothing more. */
export type PredictionListener = (prediction: Prediction) => void

/** Predictions of this process that run or wait, as they now are, which the table learns a little later. */
type Channel = { live: Map<string, Prediction>; listeners: Map<string, Set<PredictionListener>> }
const key = Symbol.for("understudy.predictions")
const slot = globalThis as typeof globalThis & { [key]?: Channel }
const channel = (): Channel => (slot[key] ??= { live: new Map(), listeners: new Map() })

/** The newest that is known here of a prediction that is not over; undefined for any other. */
export const livePrediction = (id: string): Prediction | undefined => channel().live.get(id)

/** Tells everybody who watches. What is over has been written down before. */
export function publishPrediction(prediction: Prediction): void {
  const { live, listeners } = channel()
  if (isOver(prediction.status)) live.delete(prediction.id)
  else live.set(prediction.id, prediction)
  for (const listener of listeners.get(prediction.id) ?? []) listener(prediction)
}

/**
 * Watches a prediction: `listener` is given it as it is at once, and then whenever it changes, until it is over. Answers how to stop. Whether
 * somebody may watch is for the caller to decide. Answers undefined when there is no such prediction.
 */
export async function subscribePrediction(id: string, listener: PredictionListener): Promise<(() => void) | undefined> {
  const { live, listeners } = channel()
  let told: Prediction | undefined
  const tell: PredictionListener = (prediction) => {
    if (told && isOver(told.status)) return
    told = prediction
    listener(prediction)
    if (isOver(prediction.status)) stop()
  }
  const stop = () => {
    const group = listeners.get(id)
    if (group?.delete(tell) && group.size === 0) listeners.delete(id)
  }
  // Heard from before it is looked up, so that nothing falls between the two.
  listeners.set(id, (listeners.get(id) ?? new Set()).add(tell))
  const now = live.get(id)
  if (now) tell(now)
  else {
    const found = await findPrediction(id).catch((error) => {
      stop()
      throw error
    })
    if (!found) {
      stop()
      return undefined
    }
    if (!told) tell(found)
  }
  return stop
}
