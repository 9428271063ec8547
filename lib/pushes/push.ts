import { LRUCache } from "lru-cache"

import { channel } from "@/lib/bus/bus"
import {
  applyPushEvent,
  mergePushMessages,
  initialPushState,
  type PushEvent,
  type PushState,
  type PushMessage,
} from "./state"

type Listener = (state: PushState) => void

const pushes = channel<PushMessage>("pushes", { merge: mergePushMessages, pause: 200 })

type Board = { states: LRUCache<number, PushState>; listeners: Map<number, Set<Listener>> }

/** A push without an event for this long is no longer shown. */
const forgottenAfter = 15 * 60_000

const key = Symbol.for("understudy.pushes")
const slot = globalThis as typeof globalThis & { [key]?: Board }
const board = (): Board => (slot[key] ??= newBoard())

/** Publishes an event of a push to a model. */
export function publishPushEvent(model_id: number, event: PushEvent): void {
  followPushes()
  pushes.publish({ model_id, event })
}

/** The state of the current or recent push to a model. */
export function getPushState(model_id: number): PushState {
  return board().states.get(model_id) ?? initialPushState
}

/** Calls `listener` with the state after every event of a push to the model. The returned function unsubscribes. */
export function watchPush(model_id: number, listener: Listener): () => void {
  const { listeners } = board()
  const those = listeners.get(model_id) ?? new Set()
  listeners.set(model_id, those.add(listener))
  return () => {
    those.delete(listener)
    if (those.size === 0) listeners.delete(model_id)
  }
}

/** Subscribes this process to pushes that other processes receive. */
export const followPushes = (): void => void board()

function newBoard(): Board {
  const states: Board["states"] = new LRUCache({ max: 10_000, ttl: forgottenAfter })
  const listeners: Board["listeners"] = new Map()
  pushes.subscribe(({ model_id, event }) => {
    const state = applyPushEvent(states.get(model_id) ?? initialPushState, event)
    states.set(model_id, state)
    for (const listener of listeners.get(model_id) ?? []) listener(state)
  })
  return { states, listeners }
}
