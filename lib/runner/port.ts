import type { Readable } from "node:stream"

import type { InstanceSpec } from "@/lib/engines/engine"

/** What a runner offers: instances of each hardware SKU, in all and free now. */
export type Capacity = { sku: string; total: number; free: number }

/** A row of the catalogue of hardware, in what it asks of a machine. */
export type Hardware = { sku: string; name: string; cpus: number; memory_mb: number; gpus: number }

/** An instance as its runner sees it. `ready` is idle or busy; the hub knows which, because it hands out the predictions. */
export type InstanceReport = {
  id: string
  state: "booting" | "setting_up" | "ready" | "stopping" | "gone"
  /** Why it is gone or will never be ready. `setup`: the model's own set-up failed. */
  reason?: "image" | "capacity" | "oom" | "exit" | "setup" | "setup_limit" | "stopped"
  detail?: string
  cog_version?: string
  /** Predictions it takes at once, as the model server says. */
  slots?: number
  /** The predictions it is running, and those of whose end the hub has not heard yet. */
  running: string[]
}

/** A prediction to be run. Secrets are in clear, and files are addresses that the model can read. */
export type RunOrder = {
  id: string
  operation: "predict" | "train"
  input: Record<string, unknown>
  /** Every text in `input` that is a key here becomes an address at which the runner serves the file to the model: see `openInput`. */
  files: Record<string, { name: string; content_type: string; size: number | null }>
  created_at: string
  /** Its version says that files are in its output: an absolute path there is one. */
  gives_files?: boolean
  /** Milliseconds it may run before it is cancelled. */
  time_limit_ms: number
  /**
   * It was handed to this instance before the hub or the runner was started anew, and is not begun again: the runner listens to what the model
   * still says of it, asks for its health meanwhile, and reports it as failed with "Prediction interrupted: …" once the model server is idle
   * or gone without having said how it ended.
   */
  resume?: true
}

export type RunnerReport = {
  runner: string
  /** Another one whenever the runner's process starts: what was handed to an earlier one is handed out again with `resume`. */
  boot: string
  engines: InstanceSpecEngine[]
  /** Of its machine, as images call it: amd64 or arm64. */
  architecture: string
  capacity: Capacity[]
  /**
   * Every instance that the runner knows of. One that the hub knows and the runner does not name is gone; one that the hub does not know is to be
   * stopped. What is gone is named until a report that named it was answered.
   */
  instances: InstanceReport[]
}
type InstanceSpecEngine = "process" | "docker" | "kubernetes"

export type RunnerOrders = {
  start: (InstanceSpec & { engine: InstanceSpecEngine })[]
  stop: { id: string; grace_ms: number }[]
  run: { instance: string; prediction: RunOrder }[]
  cancel: { instance: string; prediction: string }[]
}

/** What became of a prediction so far: a snapshot, not a difference. Outputs name files by the addresses that `putOutput` gave. */
export type Progress = {
  status: "processing" | "succeeded" | "failed" | "canceled"
  output?: unknown
  logs?: string
  error?: string | null
  metrics?: Record<string, unknown>
  started_at?: string
  completed_at?: string
  /** It was never begun, because the model server had no place for it or was gone: it goes back to its queue as if it had never been handed out. */
  returned?: true
}

/**
 * The only way between the hub, which decides, and a runner, which does. In one process it is a function call; between machines the same calls go
 * over HTTP. Every call may be repeated: what is old or known already changes nothing. So a runner names a prediction as `running` until its end is
 * reported and answered, and remembers those that ended lately, should an order that was on its way name one once more.
 */
export interface RunnerPort {
  /** What hardware there may be. */
  hardware(): Promise<Hardware[]>
  /** Tells how things stand, once a second and whenever something happened, and answers what to do. An order may come again until a report shows it done. */
  report(report: RunnerReport): Promise<RunnerOrders>
  /** Calls `listener` when a report would be answered with something new. The answer ends it. */
  onWake(listener: () => void): () => void
  /**
   * How far a prediction is. Calls for one prediction come one after the other, and nothing in them gets shorter. The last one, which tells its end or
   * that it is returned, is repeated until it is taken.
   */
  progress(instance: string, prediction: string, progress: Progress): Promise<void>
  /** More of what a model printed while it was set up. */
  setupLog(instance: string, text: string): Promise<void>
  /** The content of a file that a RunOrder named, or, without a prediction, of the weights of an instance. Throws `missing` for any other. */
  openInput(
    instance: string,
    prediction: string | null,
    file: string,
  ): Promise<{ body: Readable; name: string; content_type: string; size: number | null }>
  /**
   * Keeps an output file as it arrives and answers its public address. Where a model server does not say which of several predictions it is of, it is
   * that of the one that names the address in its output.
   */
  putOutput(
    instance: string,
    prediction: string,
    file: { name: string; content_type: string },
    body: Readable,
  ): Promise<{ url: string }>
}
