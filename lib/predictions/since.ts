import type { PredictionBody } from "@/lib/models/prediction-body"
import { readCut } from "@/lib/runner/cut-logs"
import type { RunProgress } from "./progress"
import { isOver } from "./status"

/** What a page shows of a prediction. */
type Shown = { prediction: PredictionBody; progress: RunProgress | null }

/** The same for a page that has seen a part: what is in `added` comes after that part, and is empty elsewhere. */
export type ShownSince = Shown & {
  /** For the next request. */
  seen: string
  added: { logs?: string; setup_log?: string; output?: unknown[] }
}

/** Leaves out what a page has seen, as `seen` of an earlier response says: logs and lists only grow. */
export function presentSince({ prediction, progress }: Shown, seen: string | null): ShownSince {
  const [logsSeen, setUpSeen, items] = seen?.split(" ") ?? []
  const { output, logs = "" } = prediction
  const list = Array.isArray(output) ? output : null
  const added: ShownSince["added"] = {
    logs: textAfter(logs, logsSeen),
    setup_log: textAfter(progress?.setup_log ?? "", setUpSeen),
    // The last state is complete, whatever came before.
    ...(list && !isOver(prediction.status) && items && Number(items) <= list.length
      ? { output: list.slice(Number(items)) }
      : {}),
  }
  return {
    prediction: {
      ...prediction,
      ...(added.logs !== undefined && { logs: "" }),
      ...(added.output && { output: null }),
    },
    progress: progress && { ...progress, ...(added.setup_log !== undefined && { setup_log: null }) },
    seen: `${positionOf(logs)} ${positionOf(progress?.setup_log ?? "")} ${list?.length ?? 0}`,
    added,
  }
}

/**
 * The end of logs: how long they ever were, and whether their beginning was cut off. Characters are counted differently
 * then.
 */
function positionOf(logs: string): string {
  const { dropped, kept } = readCut(logs)
  return `${dropped > 0 ? "cut" : "all"}${dropped + kept.length}`
}

/** What comes after a position; undefined if logs do not continue from it. */
function textAfter(logs: string, position: string | undefined): string | undefined {
  const { dropped, kept } = readCut(logs)
  const from = position?.startsWith(dropped > 0 ? "cut" : "all") ? Number(position.slice(3)) - dropped : NaN
  return from >= 0 && from <= kept.length ? kept.slice(from) : undefined
}

/** What a page shows after a response: what it had, and what was added. */
export function joinSince(before: Shown, { prediction, progress, added }: ShownSince): Shown {
  const had = before.prediction.output
  return {
    prediction: {
      ...prediction,
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
