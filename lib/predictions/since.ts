import type { PredictionBody } from "@/lib/models/prediction-body"
import { readCut } from "@/lib/runner/cut-logs"
import type { RunProgress } from "./progress"
import { isOver } from "./status"

/** What a page shows of a prediction. */
type Shown = { prediction: PredictionBody; progress: RunProgress | null }

/**
 * `Shown` for a page that already has a part: `added` continues that part, and the same fields are empty in the rest.
 */
export type ShownSince = Shown & {
  /** The position to send with the next request. */
  seen: string
  added: { logs?: string; setup_log?: string; output?: unknown[] }
}

/**
 * Leaves out what a page already has: the input, and according to the `seen` of an earlier response, logs and lists,
 * which only grow. Without `seen`, everything is sent.
 */
export function presentSince({ prediction, progress }: Shown, seen: string | null): ShownSince {
  const [logsSeen, setUpSeen, items] = seen?.split(" ") ?? []
  const { output, logs = "" } = prediction
  const list = Array.isArray(output) ? output : null
  const added: ShownSince["added"] = {
    logs: textAfter(logs, logsSeen),
    setup_log: textAfter(progress?.setup_log ?? "", setUpSeen),
    // The final state is always sent in full.
    ...(list && !isOver(prediction.status) && items && Number(items) <= list.length
      ? { output: list.slice(Number(items)) }
      : {}),
  }
  return {
    prediction: {
      ...prediction,
      ...(seen !== null && { input: {} }),
      ...(added.logs !== undefined && { logs: "" }),
      ...(added.output && { output: null }),
    },
    progress: progress && { ...progress, ...(added.setup_log !== undefined && { setup_log: null }) },
    seen: `${positionOf(logs)} ${positionOf(progress?.setup_log ?? "")} ${list?.length ?? 0}`,
    added,
  }
}

/**
 * The position at the end of logs: their full length, and whether their beginning was cut off, because characters are
 * then counted differently.
 */
function positionOf(logs: string): string {
  const { dropped, kept } = readCut(logs)
  return `${dropped > 0 ? "cut" : "all"}${dropped + kept.length}`
}

/** The text after a position; undefined if the logs do not continue from it. */
function textAfter(logs: string, position: string | undefined): string | undefined {
  const { dropped, kept } = readCut(logs)
  const from = position?.startsWith(dropped > 0 ? "cut" : "all") ? Number(position.slice(3)) - dropped : NaN
  return from >= 0 && from <= kept.length ? kept.slice(from) : undefined
}

/** Merges a response into what a page already shows. */
export function joinSince(before: Shown, { prediction, progress, added }: ShownSince): Shown {
  const had = before.prediction.output
  return {
    prediction: {
      ...prediction,
      input: before.prediction.input,
      ...(added.logs !== undefined && { logs: (before.prediction.logs ?? "") + added.logs }),
      ...(added.output && { output: [...(Array.isArray(had) ? had : []), ...added.output] }),
    },
    progress: progress && {
      ...progress,
      ...(added.setup_log !== undefined && {
        setup_log: (before.progress?.setup_log ?? "") + added.setup_log || null,
      }),
    },
  }
}
