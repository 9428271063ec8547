import type { Readable } from "node:stream"
import type { Dispatcher } from "undici"

/**
 * The hub's order to start a container or process for a pool. `id` has 26 characters and is the label an engine knows
 * it by.
 */
export type InstanceSpec = {
  id: string
  /** `docker`: an image by digest, such as `host/owner/name@sha256:…`. `process`: the name of a bundled model. */
  image: string
  /** A credential that can only pull this image, valid for 15 minutes. */
  pull?: { username: string; password: string }
  mode: "predict" | "train"
  /**
   * Fine-tuned weights: the hub's key for them, and a file name. The runner serves them to the model, which finds the
   * URL in COG_WEIGHTS.
   */
  weights?: { file: string; name: string }
  env: Record<string, string>
  /** The hardware SKU, and its limits on this machine. */
  hardware: string
  /** The name of the hardware, which contains the kind of its GPUs. */
  hardware_name?: string
  memory_mb: number
  cpus: number
  gpus: number
  egress: "none" | "internet"
  /** Seconds that set-up may take. */
  setup_limit: number
  /** Concurrent predictions according to the version, 1 by default. What the model server reports takes precedence. */
  slots?: number
}

/** An instance of this installation on the engine's machine. */
export type Running = { id: string; state: "running" | "gone" }

/** A change that an engine noticed. `reason` is why an instance ended, if known. */
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

/** How instances are started on one machine. All calls are idempotent by instance ID. */
export interface Engine {
  readonly name: "process" | "docker" | "kubernetes"
  /** Null when it can start instances; otherwise what is wrong, for the operator. */
  check(): Promise<string | null>
  /** Missing isolation on this machine, as sentences for the operator. */
  missing(): Promise<string[]>
  /** Resolves once started; throws an EngineFailure otherwise. */
  ensure(instance: InstanceSpec): Promise<void>
  /** Finds instances after a restart, including orphans. */
  list(): Promise<Running[]>
  watch(signal: AbortSignal): AsyncIterable<EngineEvent>
  /** Streams the log of an instance, from its beginning. */
  logs(id: string, signal: AbortSignal): AsyncIterable<string>
  /** The end of its log so far. */
  logTail(id: string): Promise<string>
  /** Sends requests to an instance's model server, whatever the host in the URL. */
  dispatcher(id: string): Dispatcher
  /** Restores the connection to a running instance if it was lost; returns whether it was. Optional. */
  reconnect?(id: string): Promise<boolean>
  /** The URL at which the model reaches the runner's callback listener, such as `http://127.0.0.1:9000`. */
  callbackOrigin(id: string): string
  /** The unix socket on which the runner listens for the instance's callbacks. */
  callbackSocket(id: string): string
  /** Reads a file inside an instance, for model servers that return paths. Optional. */
  openFile?(id: string, path: string): Promise<{ body: Readable; size: number | null }>
  /** Asks it to end, kills it after the grace period, and resolves once it is cleaned up. */
  stop(id: string, graceMs: number): Promise<void>
  /** Releases the engine's resources. Instances keep running. */
  close(): Promise<void>
}
