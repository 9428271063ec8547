import { channel } from "@/lib/bus/bus"
import {
  applyPushEvent,
  mergePushStates,
  initialPushState,
  type PushEvent,
  type PushState,
  type PushMessage,
} from "./state"

type Listener = (state: PushState) => void

const pushes = channel<PushMessage>("pushes", { merge: mergePushStates, pause: 200 })

type Board = { states: Map<number, { state: PushState; at: number }>; listeners: Map<number, Set<Listener>> }

/** A push that said nothing for so long is not shown any more. */
const forgottenAfter = 15 * 60_000

const key = Symbol.for("understudy.pushes")
const slot = globalThis as typeof globalThis & { [key]?: Board }
const board = (): Board => (slot[key] ??= newBoard())

/** Says that something happened in a push to a model. */
export function publishPushEvent(model_id: number, event: PushEvent): void {
  followPushes()
  pushes.publish({ model_id, event })
}

/** The push to a model that is under way, or was until a moment ago. */
export function getPushState(model_id: number): PushState {
  const known = board().states.get(model_id)
  return known && Date.now() - known.at < forgottenAfter ? known.state : initialPushState
}

/** Calls `listener` with the state of the model's push after every event. The answer ends it. */
export function watchPush(model_id: number, listener: Listener): () => void {
  const { listeners } = board()
  const those = listeners.get(model_id) ?? new Set()
  listeners.set(model_id, those.add(listener))
  return () => {
    those.delete(listener)
    if (those.size === 0) listeners.delete(model_id)
  }
}

/** From here on this process knows of pushes that other processes take. */
export const followPushes = (): void => void board()

function newBoard(): Board {
  const states: Board["states"] = new Map()
  const listeners: Board["listeners"] = new Map()
  pushes.subscribe(({ model_id, event }) => {
    const now = Date.now()
    const known = states.get(model_id)
    const state = applyPushEvent(known && now - known.at < forgottenAfter ? known.state : initialPushState, event)
    // Kept in the order in which they were last heard of, so that the silent ones are the first.
    states.delete(model_id)
    states.set(model_id, { state, at: now })
    for (const [oldest, { at }] of states) {
      if (now - at < forgottenAfter && states.size < 10_000) break
      states.delete(oldest)
    }
    for (const listener of listeners.get(model_id) ?? []) listener(state)
  })
  return { states, listeners }
}
