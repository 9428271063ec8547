import { Badge, type BadgeTone } from "@/components/ui/badge"
import { Disclosure } from "@/components/ui/disclosure"
import type { Estimate } from "@/lib/predictions/estimate"
import { Logs } from "./logs"

type Words = { badge: string; tone: BadgeTone; means: string }

const words: Record<Estimate["state"], Words> = {
  idle: { badge: "warm", tone: "accent", means: "An instance is idle: a run starts immediately" },
  busy: { badge: "busy", tone: "info", means: "All instances are busy: a run is queued" },
  booting: { badge: "booting", tone: "info", means: "An instance is being set up" },
  cold: { badge: "cold", tone: "neutral", means: "No instance is running: the first run boots one" },
  paused: { badge: "paused", tone: "danger", means: "Set-up failed repeatedly" },
}

/** The state of the instances that a run would use. */
export function StateBadge({ state }: { state: Estimate["state"] }) {
  const { badge, tone, means } = words[state]
  return (
    <span title={means}>
      <Badge tone={tone}>{badge}</Badge>
    </span>
  )
}

/** What to expect of a run: the state of its instances, the wait, the time and the cost. */
export function RunEstimate({ estimate }: { estimate: Estimate }) {
  const facts = factsOf(estimate)
  return (
    <div className="text-sm text-muted">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StateBadge state={estimate.state} />
        <span>{facts.join(" · ")}</span>
      </p>
      {estimate.reason && <p className="mt-1">{estimate.reason}</p>}
      {estimate.setup_log && (
        <Disclosure summary="Log of the last set-up" className="mt-1">
          <Logs text={estimate.setup_log} label="Set-up log" />
        </Disclosure>
      )}
    </div>
  )
}

function factsOf({ state, queued, wait_seconds, run_seconds, usd }: Estimate): string[] {
  const starts =
    state === "idle"
      ? "Starts at once"
      : wait_seconds === null
        ? state === "cold"
          ? "Cold start"
          : null
        : `Starts in about ${seconds(wait_seconds)}`
  return [
    starts,
    queued > 0 && `${queued.toLocaleString("en-US")} ${queued === 1 ? "prediction" : "predictions"} ahead`,
    run_seconds !== null && `runs about ${seconds(run_seconds)}`,
    usd !== null && `about $${dollars(usd)}`,
  ].filter((one): one is string => typeof one === "string")
}

/** A duration as text: "2.5 s", "45 s" or "3 min". */
export function seconds(value: number): string {
  if (value >= 120) return `${Math.round(value / 60)} min`
  return value >= 10 ? `${Math.round(value)} s` : `${value.toFixed(1)} s`
}

/** An amount in dollars with two decimals, or, below a dollar, with three significant digits. */
export const dollars = (usd: string | number): string => {
  const amount = Number(usd)
  return amount === 0 || amount >= 1
    ? amount.toFixed(2)
    : amount.toFixed(Math.min(9, 2 - Math.floor(Math.log10(amount))))
}
