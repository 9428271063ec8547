import type { Instance } from "@/lib/instances/row"
import type { Capacity } from "@/lib/runner/port"

/** An instance of a runner that reports to this process. */
export type Live = {
  id: string
  pool: string
  engine: Instance["engine"]
  hardware: string
  egress: Instance["egress"]
  slots: number
  /** As ISO moments; null until its set-up is over. */
  created_at: string
  ready_at: string | null
  setting_up: boolean
  /** Milliseconds since 1970. */
  idleSince: number
  /** The predictions that the table has on it, by id, and since when, in milliseconds since 1970. */
  running: Map<string, { number: number; since: number }>
  /** Those that its runner says it runs. */
  told: ReadonlySet<string>
  /** The boot of the runner in which it was last named. */
  seen: string | null
  /** This process has told its runner to start it. */
  ordered: boolean
  /** Why the hub has it stopped, once it has. */
  stopping: string | null
  /** Its runner says that it is about to end. */
  leaving: boolean
  /** Its model may reach something else by now than what it was started with, so it is given nothing more. */
  outdated: boolean
  /** Nothing is handed to it before this moment: its model server had no place. */
  notBefore: number
  /** What the table says it does. */
  saved: Instance["state"]
}

/** A runner that reports to this process. */
export type Reporting = {
  id: string
  boot: string
  /** When this process heard of it first: what was claimed before that, an earlier one may have handed out. */
  loadedAt: string
  /** When its instances were heard of last, by the table, before this process heard of it. */
  seenBefore: string | null
  capacity: Capacity[]
  engines: string[]
  instances: Map<string, Live>
  /** Which boot of it a prediction was handed to. */
  handed: Map<string, string>
  recordedAt: number
  decidedAt: number
  /** Something happened that may ask for another decision. */
  dirty: boolean
  turn: Promise<unknown>
}

type Hub = {
  runners: Map<string, Reporting>
  listeners: Set<() => void>
  /** Pools in which predictions wait, as far as is known. */
  waiting: Set<string>
  /** When an account was last served in a pool, as "pool account". */
  served: Map<string, number>
  /** Seconds that runs took, by pool, until they are written down. */
  runSeconds: Map<string, number[]>
}

const key = Symbol.for("understudy.hub")
const slot = globalThis as typeof globalThis & { [key]?: Hub }

/** What this process knows as a hub. Everything of it can be read from the tables again. */
export const hub = (): Hub =>
  (slot[key] ??= {
    runners: new Map(),
    listeners: new Set(),
    waiting: new Set(),
    served: new Map(),
    runSeconds: new Map(),
  })

export function findLive(instance: string): { runner: Reporting; live: Live } | undefined {
  for (const runner of hub().runners.values()) {
    const live = runner.instances.get(instance)
    if (live) return { runner, live }
  }
  return undefined
}

/** How many predictions it has, by the table or by what its runner says. */
export function busyOf({ running, told }: Live): number {
  let busy = running.size
  for (const id of told) if (!running.has(id)) busy++
  return busy
}

export const freeSlots = (live: Live): number =>
  live.ready_at === null || live.stopping !== null || live.leaving || live.outdated || live.notBefore > Date.now()
    ? 0
    : Math.max(0, live.slots - busyOf(live))

/** Has runners ask for orders at once. */
export function wakeRunners(): void {
  for (const listener of hub().listeners) listener()
}
