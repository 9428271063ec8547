import { LRUCache } from "lru-cache"

import type { Instance } from "@/lib/instances/row"
import type { Capacity } from "@/lib/runner/port"

/** An instance of a runner that reports to this process. */
export type TrackedInstance = {
  id: string
  pool: string
  engine: Instance["engine"]
  hardware: string
  egress: Instance["egress"]
  slots: number
  created_at: string
  /** ISO timestamp; null until set-up has finished. */
  ready_at: string | null
  setting_up: boolean
  /** Milliseconds since the epoch. */
  idleSince: number
  /**
   * Predictions assigned to it in the table, by ID; `since` is the time of the claim in milliseconds since the epoch.
   */
  running: Map<string, { number: number; since: number }>
  /** Predictions its runner reports as running. */
  reported: ReadonlySet<string>
  /** The runner boot that last reported it. */
  reportedBy: string | null
  /** Whether this process has ordered its start. */
  ordered: boolean
  /** Why the hub is stopping it; null while it is not. */
  stopping: string | null
  /** Its runner reports it as stopping or gone. */
  leaving: boolean
  /** Its network access no longer matches the model's, so it gets no more predictions. */
  outdated: boolean
  /** The pool that needs its capacity, so that it gets no more predictions; null if none does. */
  yielding: string | null
  /** Slots reserved for claims in progress. */
  claiming: number
  /** No dispatch before this time: its model server had no free slot. */
  notBefore: number
  /** The state saved in its row. */
  saved: Instance["state"]
}

/** A runner that reports to this process. */
export type RunnerState = {
  id: string
  boot: string
  /** When it first reported to this process; earlier claims may have been dispatched by another process. */
  loadedAt: string
  /** The last report according to the table, before this process heard from it. */
  seenBefore: string | null
  capacity: Capacity[]
  engines: string[]
  instances: Map<string, TrackedInstance>
  /** The runner boot each prediction was dispatched to. */
  dispatchedTo: Map<string, string>
  recordedAt: number
  decidedAt: number
  /** Whether a change calls for a new decision. */
  needsDecision: boolean
  /** Whether a decision that was due was left to the next report. */
  postponed: boolean
  turn: Promise<unknown>
}

type Hub = {
  runners: Map<string, RunnerState>
  listeners: Set<() => void>
  /** Pools known to have queued predictions. */
  waiting: Set<string>
  /** Pools with a queue but no instance, because the machines are full, and since when in milliseconds. */
  starved: Map<string, number>
  /** The number of additions to `waiting`. */
  marks: number
  /** When an account was last served in a pool, by "pool account"; the least recent are dropped. */
  served: LRUCache<string, number>
  /** Durations of runs not saved yet, by pool. */
  runSeconds: Map<string, number[]>
}

const key = Symbol.for("understudy.hub")
const slot = globalThis as typeof globalThis & { [key]?: Hub }

/** The in-memory state of the hub. All of it can be rebuilt from the tables. */
export const hub = (): Hub =>
  (slot[key] ??= {
    runners: new Map(),
    listeners: new Set(),
    waiting: new Set(),
    starved: new Map(),
    marks: 0,
    served: new LRUCache({ max: 10_000 }),
    runSeconds: new Map(),
  })

export function findLive(instance: string): { runner: RunnerState; live: TrackedInstance } | undefined {
  for (const runner of hub().runners.values()) {
    const live = runner.instances.get(instance)
    if (live) return { runner, live }
  }
  return undefined
}

/** The number of predictions on an instance, according to the table or its runner. */
export function countRunning({ running, reported: told }: TrackedInstance): number {
  let busy = running.size
  for (const id of told) if (!running.has(id)) busy++
  return busy
}

/** The free slots of an instance, plus those of `ending` predictions that the model has finished. */
export const freeSlots = (live: TrackedInstance, ending = 0): number =>
  live.ready_at === null ||
  live.stopping !== null ||
  live.leaving ||
  live.outdated ||
  live.yielding !== null ||
  live.notBefore > Date.now()
    ? 0
    : Math.max(0, live.slots - countRunning(live) - live.claiming + ending)

/** Notes that a pool has queued predictions. */
export function noteWaiting(pool: string): void {
  hub().waiting.add(pool)
  hub().marks++
}

/** Makes runners ask for orders right away. */
export function wakeRunners(): void {
  for (const listener of hub().listeners) listener()
}
