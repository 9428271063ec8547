import type { BatchRun } from "@/lib/batches/batch"
import { medianOf } from "@/lib/quantile"

type Side = { failed: number; seconds: number | null; usd: number | null }
/** The result of a trial: both sides of all pairs of finished runs. */
export type TrialSummary = { pairs: number; before: Side; now: Side }

type Run = Pick<BatchRun, "status" | "refusal" | "metrics" | "base" | "base_status" | "base_metrics">

/** Compares the finished runs of a trial with the runs whose inputs they used. */
export function summaryOf(runs: Run[]): TrialSummary {
  const over = runs.filter(({ status, refusal }) => refusal !== null || ["succeeded", "failed"].includes(status ?? ""))
  // Times and costs of failed runs are not comparable with those of successful ones.
  const both = over.filter(({ status, base_status }) => status === "succeeded" && base_status === "succeeded")
  const median = (key: string, of: "metrics" | "base_metrics") =>
    medianOf(both.map((run) => run[of]?.[key]).filter((value): value is number => typeof value === "number"))
  return {
    pairs: over.length,
    before: {
      failed: over.filter(({ base_status }) => base_status === "failed").length,
      seconds: median("predict_time", "base_metrics"),
      usd: median("cost_usd", "base_metrics"),
    },
    now: {
      failed: over.filter(({ status, refusal }) => status === "failed" || refusal !== null).length,
      seconds: median("predict_time", "metrics"),
      usd: median("cost_usd", "metrics"),
    },
  }
}
