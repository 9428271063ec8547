import { channel as busChannel } from "@/lib/bus/bus"
import type { Prediction } from "./row"
import { isOver } from "./status"
import { findPrediction } from "./store"

/** Is told of a prediction as it is then: whole snapshots, not differences, and after the last one nothing more. */
export type PredictionListener = (prediction: Prediction) => void

/** Predictions of this process that run or wait, as they now are, which the table learns a little later. */
type Channel = {
  live: Map<string, Prediction>
  listeners: Map<string, Set<PredictionListener>>
  /** Those that ended lately: what is said of them later is old. */
  ended: Set<string>
  hearsOthers?: true
}
const key = Symbol.for("understudy.predictions")
const slot = globalThis as typeof globalThis & { [key]?: Channel }
const channel = (): Channel => (slot[key] ??= { live: new Map(), listeners: new Map(), ended: new Set() })

/** The newest that is known here of a prediction that is not over; undefined for any other. */
export const livePrediction = (id: string): Prediction | undefined => channel().live.get(id)

/** Tells everybody who watches in this process, and in all of them what is over. That has been written down before. */
export function publishPrediction(prediction: Prediction): void {
  const { live, listeners, ended } = channel()
  if (isOver(prediction.status)) forgetLive(prediction.id)
  else if (ended.has(prediction.id)) return
  else live.set(prediction.id, prediction)
  for (const listener of listeners.get(prediction.id) ?? []) listener(prediction)
  if (isOver(prediction.status)) announceWritten(prediction.id)
}

/** A prediction is over, whoever ended it: from now on the table is what is known of it. */
export function forgetLive(id: string): void {
  const { live, ended } = channel()
  live.delete(id)
  ended.add(id)
  if (ended.size > 10_000) ended.delete(ended.keys().next().value!)
}

/** Forgets a prediction that this process hands back to the queue; whoever watches it is told how it is now. */
export function releasePrediction(prediction: Prediction): void {
  channel().live.delete(prediction.id)
  for (const listener of channel().listeners.get(prediction.id) ?? []) listener(prediction)
}

/** Tells other processes that more of a prediction has been written down: those in which somebody watches it read that. */
export function announceWritten(id: string): void {
  announcing = true
  changes().publish(id)
  announcing = false
}
let announcing = false
const changes = () =>
  busChannel<string>("predictions.written", {
    merge: (waiting, next) => (waiting.includes(next) ? waiting : [...waiting, next]),
  })

function hearOthers() {
  const here = channel()
  if (here.hearsOthers) return
  here.hearsOthers = true
  const readAgain = async (id: string) => {
    const found = here.listeners.has(id) && !here.live.has(id) ? await findPrediction(id) : undefined
    for (const listener of (found && here.listeners.get(id)) ?? []) listener(found!)
  }
  changes().subscribe(
    (id) => void (announcing || readAgain(id).catch(() => {})),
    () => [...here.listeners.keys()].forEach((id) => void readAgain(id).catch(() => {})),
  )
}

/**
 * Watches a prediction: `listener` is given it as it is at once, and then whenever it changes, until it is over. Answers how to stop. Whether
 * somebody may watch is for the caller to decide. Answers undefined when there is no such prediction.
 */
export async function subscribePrediction(id: string, listener: PredictionListener): Promise<(() => void) | undefined> {
  const { live, listeners } = channel()
  hearOthers()
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
