import type { Readable } from "node:stream"

import type { InstanceSpec } from "@/lib/engines/engine"

/** What a runner offers: instances of each hardware SKU, in total and free now. */
export type Capacity = { sku: string; total: number; free: number }

/** A row of the hardware catalogue as machine requirements. */
export type Hardware = { sku: string; name: string; cpus: number; memory_mb: number; gpus: number }

/**
 * An instance as its runner sees it. `ready` is idle or busy; the hub knows which, because it dispatches the
 * predictions.
 */
export type InstanceReport = {
  id: string
  state: "booting" | "setting_up" | "ready" | "stopping" | "gone"
  /** Why it is gone or will never be ready. `setup`: the model's own set-up failed. */
  reason?: "image" | "capacity" | "oom" | "exit" | "setup" | "setup_limit" | "stopped"
  detail?: string
  cog_version?: string
  /** Concurrent predictions, as the model server reports. */
  slots?: number
  /** Its running predictions, and finished ones whose end the hub has not acknowledged. */
  running: string[]
}

/** A prediction to run. Secrets are decrypted, and files are URLs that the model can read. */
export type RunOrder = {
  id: string
  operation: "predict" | "train"
  input: Record<string, unknown>
  /**
   * Every string in `input` that is a key here is replaced by a URL at which the runner serves that file to the model:
   * see `openInput`.
   */
  files: Record<string, { name: string; content_type: string; size: number | null }>
  created_at: string
  /** Whether the version's schema has files in the output: an absolute path there is one. */
  gives_files?: boolean
  /** Milliseconds until it is cancelled. */
  time_limit_ms: number
  /**
   * It was dispatched to this instance before the hub or the runner restarted, and must not be started again: the
   * runner listens for further webhooks, polls the model server's health, and reports the prediction as failed with
   * "Prediction interrupted: …" once the server is idle or gone without having reported an end.
   */
  resume?: true
}

export type RunnerReport = {
  runner: string
  /**
   * Changes whenever the runner's process starts. Predictions dispatched to an earlier boot are sent again with
   * `resume`.
   */
  boot: string
  engines: InstanceSpecEngine[]
  /** The architecture of its machine, as images name it: amd64 or arm64. */
  architecture: string
  capacity: Capacity[]
  /**
   * Every instance that the runner knows. One that the hub knows and the report lacks is gone; one that the hub does
   * not know is to be stopped. An ended instance is reported until a report that contained it was answered.
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

/**
 * The state of a prediction: a snapshot, not a difference. Outputs name files by the URLs that `putOutput` returned.
 */
export type Progress = {
  status: "processing" | "succeeded" | "failed" | "canceled"
  output?: unknown
  logs?: string
  error?: string | null
  metrics?: Record<string, unknown>
  started_at?: string
  completed_at?: string
  /** It never started, because the model server was gone or had no free slot: it returns to its place in the queue. */
  returned?: true
}

/**
 * The only interface between the hub, which decides, and a runner, which acts: function calls within one process. All
 * calls are idempotent, so that they could go over a network. A runner therefore reports a prediction as `running`
 * until its end is acknowledged, and remembers recently finished ones in case an order for one was in flight.
 */
export interface RunnerPort {
  /** The hardware catalogue. */
  hardware(): Promise<Hardware[]>
  /**
   * Sends the runner's state, every second and after changes, and returns orders. An order may repeat until a report
   * shows it done.
   */
  report(report: RunnerReport): Promise<RunnerOrders>
  /** Calls `listener` when a report would return new orders. The returned function unsubscribes. */
  onWake(listener: () => void): () => void
  /**
   * The progress of a prediction. Calls for one prediction are sequential, and its logs and lists never get shorter.
   * The last one, which reports the end or the return, is repeated until it succeeds.
   */
  progress(instance: string, prediction: string, progress: Progress): Promise<void>
  /** Appends to the set-up log. */
  setupLog(instance: string, text: string): Promise<void>
  /**
   * Opens a file of a RunOrder, or, without a prediction, the weights of the instance. Throws `missing` for any other.
   */
  openInput(
    instance: string,
    prediction: string | null,
    file: string,
  ): Promise<{ body: Readable; name: string; content_type: string; size: number | null }>
  /**
   * Stores an output file while it arrives, and returns its public URL. If the model server does not say which
   * prediction it belongs to, it is the one that names the URL in its output.
   */
  putOutput(
    instance: string,
    prediction: string,
    file: { name: string; content_type: string },
    body: Readable,
  ): Promise<{ url: string }>
}
