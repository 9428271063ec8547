import type { Readable } from "node:stream"
import type { Dispatcher } from "undici"

/** A container or process to be started for a pool, as the hub orders it. `id` is 26 characters and the label an engine knows it by. */
export type InstanceSpec = {
  id: string
  /** `docker`: an image by digest, such as `host/owner/name@sha256:…`. `process`: the name of a model that comes with the product. */
  image: string
  /** A credential that pulls this image and nothing else, for a quarter of an hour. */
  pull?: { username: string; password: string }
  mode: "predict" | "train"
  /** Its fine-tuned weights: what the hub knows them by, and their name. The runner serves them to the model, which finds the address in COG_WEIGHTS. */
  weights?: { file: string; name: string }
  env: Record<string, string>
  /** The hardware SKU, and what it comes to on this machine. */
  hardware: string
  memory_mb: number
  cpus: number
  gpus: number
  egress: "none" | "internet"
  /** Seconds that its set-up may take. */
  setup_limit: number
  /** Predictions it takes at once, as far as its version says; 1 without. A model server that says otherwise is believed. */
  slots?: number
}

/** What an engine finds of ours on its machine. */
export type Running = { id: string; state: "running" | "gone" }

/** A change that an engine noticed. `reason` says why an instance is gone, where the engine can tell. */
export type EngineEvent = {
  id: string
  state: "pulling" | "starting" | "running" | "gone"
  reason?: "image" | "capacity" | "oom" | "exit"
  detail?: string
}

export type GoneReason = NonNullable<EngineEvent["reason"]>

/** Why an instance could not be started, for the owner of the model. */
export class EngineFailure extends Error {
  constructor(
    readonly reason: GoneReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** How instances are started on one machine. Every call is idempotent by the instance's id. */
export interface Engine {
  readonly name: "process" | "docker" | "kubernetes"
  /** Null when it can start instances; what is wrong, for the operator, otherwise. */
  check(): Promise<string | null>
  /** What it cannot fence on this machine, as sentences for the operator; empty when nothing is missing. */
  missing(): Promise<string[]>
  /** Resolves once it is started; throws an EngineFailure where it cannot be. */
  ensure(instance: InstanceSpec): Promise<void>
  /** What is there after a restart, and what nobody owns. */
  list(): Promise<Running[]>
  watch(signal: AbortSignal): AsyncIterable<EngineEvent>
  /** What the instance prints, from its beginning. */
  logs(id: string, signal: AbortSignal): AsyncIterable<string>
  /** The end of what it has printed so far. */
  logTail(id: string): Promise<string>
  /** Reaches the model server of an instance, whatever the host of the address asked for. */
  dispatcher(id: string): Dispatcher
  /** The address its model reaches the runner's callback listener at, such as `http://127.0.0.1:9000`. */
  callbackOrigin(id: string): string
  /** The unix socket on which the runner has to listen for what the instance calls back. */
  callbackSocket(id: string): string
  /** A file inside an instance, for model servers that name files by their paths. Without it they cannot be had. */
  openFile?(id: string, path: string): Promise<{ body: Readable; size: number | null }>
  /** Asks it to end, kills it after the grace, and resolves once nothing is left of it. */
  stop(id: string, graceMs: number): Promise<void>
  /** Lets go of what it holds. Instances go on without it. */
  close(): Promise<void>
}
