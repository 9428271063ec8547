import { channel } from "@/lib/bus/bus"

/** An event that dispatchers must handle. */
export type PredictionSignal =
  /** A prediction was queued in this pool. */
  | { type: "queued"; pool: string }
  /** A prediction ended that an instance may still be running. */
  | { type: "stopped"; id: string; instance: string }

/** Delivered to every process. */
export const predictionSignals = () => channel<PredictionSignal>("predictions.signals")
