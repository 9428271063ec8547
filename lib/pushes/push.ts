import { randomUUID } from "node:crypto"

import { after, merged, nothingYet, type PushEvent, type PushState } from "./state"
import { hearMachines, isShared, tellMachines } from "./store"

type Listener = (state: PushState) => void

type Take = (model_id: number, event: PushEvent) => void

/** Carries events to every process that shows pushes. Within one process there is nothing to carry. */
export type Bus = {
  send: Take
  receive(take: Take): void
  /** Resolves once the events of other machines arrive too. The answer ends it. */
  open(report: Report): Promise<() => Promise<void>>
}
type Report = (error: unknown) => void

type Board = { states: Map<number, { state: PushState; at: number }>; listeners: Map<number, Set<Listener>>; bus: Bus }

/** A push that said nothing for so long is not shown any more. */
const forgottenAfter = 15 * 60_000

const key = Symbol.for("understudy.pushes")
const slot = globalThis as typeof globalThis & { [key]?: Board }
const board = (): Board => (slot[key] ??= newBoard())

/** Says that something happened in a push to a model. */
export const announce = (model_id: number, event: PushEvent): void => board().bus.send(model_id, event)

/** The push to a model that is under way, or was until a moment ago. */
export function currentPush(model_id: number): PushState {
  const known = board().states.get(model_id)
  return known && Date.now() - known.at < forgottenAfter ? known.state : nothingYet
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

/** Has this process show pushes to other machines too; `report` hears of what they were not told. The answer ends it. */
export const hearOfPushes = (report: Report): Promise<() => Promise<void>> => board().bus.open(report)

function newBoard(): Board {
  const states: Board["states"] = new Map()
  const listeners: Board["listeners"] = new Map()
  const bus = isShared ? betweenMachines() : withinProcess()
  bus.receive((model_id, event) => {
    const now = Date.now()
    const known = states.get(model_id)
    const state = after(known && now - known.at < forgottenAfter ? known.state : nothingYet, event)
    // Kept in the order in which they were last heard of, so that the silent ones are the first.
    states.delete(model_id)
    states.set(model_id, { state, at: now })
    for (const [oldest, { at }] of states) {
      if (now - at < forgottenAfter && states.size < 10_000) break
      states.delete(oldest)
    }
    for (const listener of listeners.get(model_id) ?? []) listener(state)
  })
  return { states, listeners, bus }
}

function withinProcess(): Bus {
  let deliver: Take = () => {}
  return {
    send: (model_id, event) => deliver(model_id, event),
    receive: (take) => void (deliver = take),
    open: async () => async () => {},
  }
}

/** How often machines tell each other, and of how many events at a time: a message of PostgreSQL's has 8,000 bytes. */
const telling = 200
const mostAtOnce = 20

/** By PostgreSQL's LISTEN and NOTIFY. What happens here is shown here at once; the others hear of it a little later. */
export function betweenMachines(): Bus {
  const self = randomUUID()
  let deliver: Take = () => {}
  let report: Report = () => {}
  let untold = new Map<number, PushEvent[]>()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function tell() {
    const all = untold
    untold = new Map()
    for (const [model_id, events] of all)
      for (let at = 0; at < events.length; at += mostAtOnce)
        await tellMachines(JSON.stringify({ from: self, model_id, events: events.slice(at, at + mostAtOnce) }))
  }

  return {
    send(model_id, event) {
      deliver(model_id, event)
      untold.set(model_id, merged(untold.get(model_id) ?? [], event))
      // Not before the last message is out, so that they arrive in their order.
      timer ??= setTimeout(function next() {
        tell()
          .catch((error: unknown) => report(error))
          .finally(() => (timer = untold.size > 0 ? setTimeout(next, telling).unref() : undefined))
      }, telling).unref()
    },
    receive: (take) => void (deliver = take),
    open(tellOf) {
      report = tellOf
      return hearMachines((text) => {
        const { from, model_id, events } = JSON.parse(text) as { from: string; model_id: number; events: PushEvent[] }
        if (from !== self) for (const event of events) deliver(model_id, event)
      })
    },
  }
}
