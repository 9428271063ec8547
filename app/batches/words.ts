import type { BadgeTone } from "@/components/ui/badge"
import type { Batch } from "@/lib/batches/batch"

const reasons: Record<NonNullable<Batch["stop_reason"]>, { badge: string; tone: BadgeTone; message?: string }> = {
  done: { badge: "done", tone: "accent" },
  limit: {
    badge: "stopped",
    tone: "warn",
    message: "The spending limit was reached: at the average cost, another run would exceed it.",
  },
  canceled: { badge: "canceled", tone: "warn" },
  refused: {
    badge: "stopped",
    tone: "danger",
    message: "It cannot continue: the version was deleted, or the account or token may no longer run it.",
  },
}

/** The state of a batch as a badge and a message. */
export const stateOf = ({
  stop_reason,
}: Pick<Batch, "stop_reason">): { badge: string; tone: BadgeTone; message?: string } =>
  stop_reason === null ? { badge: "running", tone: "info" } : reasons[stop_reason]
