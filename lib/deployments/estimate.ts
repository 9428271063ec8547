import Big from "big.js"

import { cents } from "@/lib/hardware/cost"
import { usd } from "@/lib/hardware/price"

// The browser imports this file.

const spans = { hour: 1, day: 24, month: 730 } as const
export type Span = keyof typeof spans
export const estimateSpans = Object.keys(spans) as Span[]

/** The days over which recent use is averaged. */
export const trafficDays = 7

/** The instance seconds of a model or deployment (`of`) that an account paid for in the last `trafficDays`. */
export type Traffic = { owner: string; of: string; seconds: number }

/** The cost of instances per hour, day and average month, formatted; null where unknown. */
export function costOfInstances(usdPerSecond: string | undefined, instances: string): Record<Span, string> | null {
  const count = countOf(instances)
  return usdPerSecond === undefined || count === null ? null : perSpan(Big(usdPerSecond).times(3600).times(count))
}

/** The cost of recent use at this price, with at least `min` and at most `max` instances; null where unknown. */
export function typicalCost(
  usdPerSecond: string | undefined,
  [min, max]: [min: string, max: string],
  { seconds }: Pick<Traffic, "seconds">,
): Record<Span, string> | null {
  const [least, most] = [countOf(min), countOf(max)]
  if (usdPerSecond === undefined || least === null || most === null) return null
  const running = Math.max(least, Math.min(most, averageInstances(seconds)))
  return perSpan(Big(usdPerSecond).times(3600).times(running))
}

/** The average number of running instances. */
const averageInstances = (seconds: number): number => seconds / (trafficDays * 24 * 3600)

const countOf = (typed: string): number | null => (/^\d{1,2}$/.test(typed.trim()) ? Number(typed) : null)

const perSpan = (perHour: Big) =>
  Object.fromEntries(Object.entries(spans).map(([span, hours]) => [span, inDollars(perHour.times(hours))])) as Record<
    Span,
    string
  >

const inDollars = (amount: Big) => (amount.gt(0) && amount.lt("0.005") ? "< $0.01" : usd(amount.round(2)))

/** Formats an exact amount for people. */
export const inCents = (amount: string): string => cents(Big(amount))
