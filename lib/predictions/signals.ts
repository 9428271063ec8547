import { channel } from "@/lib/bus/bus"

/** Something that whoever hands out predictions has to act on. */
export type PredictionSignal =
  /** One waits in this pool. */
  | { type: "queued"; pool: string }
  /** One ended that an instance may still be running. */
  | { type: "stopped"; id: string; instance: string }

/** Heard in every process of the instance. */
export const predictionSignals = () => channel<PredictionSignal>("predictions.signals")
