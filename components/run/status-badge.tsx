import { Badge, type BadgeTone } from "@/components/ui/badge"
import type { PredictionBody } from "@/lib/models/prediction-body"

const tones: Record<PredictionBody["status"], BadgeTone> = {
  starting: "neutral",
  processing: "info",
  succeeded: "accent",
  failed: "danger",
  canceled: "warn",
  aborted: "warn",
}

/** The status of a prediction. */
export const StatusBadge = ({ status }: { status: PredictionBody["status"] }) => (
  <Badge tone={tones[status]}>{status}</Badge>
)
