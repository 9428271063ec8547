import { Badge } from "@/components/ui/badge"
import type { Deployment } from "@/lib/deployments/row"

/** The state of a deployment in one or two words. */
export function RolloutBadge({
  deployment: { paused_at, rollout, current, canary_percent },
}: {
  deployment: Pick<Deployment, "paused_at" | "rollout" | "current" | "canary_percent">
}) {
  if (paused_at !== null) return <Badge>disabled</Badge>
  if (rollout === "rolling") return <Badge tone="info">{`rolling out ${current}`}</Badge>
  if (rollout === "canary") return <Badge tone="info">{`release ${current} on ${canary_percent} %`}</Badge>
  if (rollout === "failed") return <Badge tone="danger">{`release ${current} failed`}</Badge>
  return <Badge tone="accent">{`release ${current}`}</Badge>
}
