import { LRUCache } from "lru-cache"

import { channel as busChannel } from "@/lib/bus/bus"
import type { Prediction } from "./row"
import { isOver } from "./status"
import { findPrediction } from "./store"

/** Receives full snapshots of a prediction, and nothing after the final one. */
export type PredictionListener = (prediction: Prediction) => void

/** Unfinished predictions of this process in their newest state, ahead of the database. */
type Channel = {
  live: Map<string, Prediction>
  listeners: Map<string, Set<PredictionListener>>
  /** Recently finished ones, whose later updates are outdated. */
  ended: LRUCache<string, true>
  hearsOthers?: true
}
const key = Symbol.for("understudy.predictions")
const slot = globalThis as typeof globalThis & { [key]?: Channel }
const channel = (): Channel =>
  (slot[key] ??= { live: new Map(), listeners: new Map(), ended: new LRUCache({ max: 10_000 }) })

/** The newest state of an unfinished prediction that this process runs; undefined for any other. */
export const livePrediction = (id: string): Prediction | undefined => channel().live.get(id)

/**
 * Notifies listeners in this process, and other processes if it is finished. Finished predictions must already be
 * stored.
 */
export function publishPrediction(prediction: Prediction): void {
  const { live, listeners, ended } = channel()
  if (isOver(prediction.status)) forgetLive(prediction.id)
  else if (ended.has(prediction.id)) return
  else live.set(prediction.id, prediction)
  for (const listener of listeners.get(prediction.id) ?? []) listener(prediction)
  if (isOver(prediction.status)) announceWritten(prediction.id)
}

/** Drops the live state of a finished prediction: from now on the database has the newest. */
export function forgetLive(id: string): void {
  const { live, ended } = channel()
  live.delete(id)
  ended.set(id, true)
}

/** Drops the live state of a prediction that goes back to the queue, and notifies its listeners. */
export function releasePrediction(prediction: Prediction): void {
  channel().live.delete(prediction.id)
  for (const listener of channel().listeners.get(prediction.id) ?? []) listener(prediction)
}

/** Tells other processes that a prediction was updated in the database; those with listeners reload it. */
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

function subscribeToOtherProcesses() {
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
 * Subscribes to a prediction: `listener` is called with its current state, then on every change until it is finished.
 * Returns a function that unsubscribes; undefined if there is no such prediction. The caller checks access.
 */
export async function subscribePrediction(id: string, listener: PredictionListener): Promise<(() => void) | undefined> {
  const { live, listeners } = channel()
  subscribeToOtherProcesses()
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
  // Registered before the lookup, so that no change in between is missed.
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
