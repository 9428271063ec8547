import Big from "big.js"

import { cents } from "@/lib/hardware/cost"
import { usd } from "@/lib/hardware/price"

// The browser imports this file.

const spans = { hour: 1, day: 24, month: 730 } as const
export type Span = keyof typeof spans
export const estimateSpans = Object.keys(spans) as Span[]

/** The cost of instances per hour, day and average month, formatted; null where unknown. */
export function costOfInstances(usdPerSecond: string | undefined, instances: string): Record<Span, string> | null {
  if (usdPerSecond === undefined || !/^\d{1,2}$/.test(instances.trim())) return null
  return perSpan(Big(usdPerSecond).times(3600).times(instances.trim()))
}

/** The cost projected from the average of recent hours; null when it is zero. */
export function usualCost(amount: string, hours: number): Record<Span, string> | null {
  return Big(amount).gt(0) ? perSpan(Big(amount).div(hours)) : null
}

const perSpan = (perHour: Big) =>
  Object.fromEntries(
    Object.entries(spans).map(([span, hours]) => [span, usd(perHour.times(hours).round(2))]),
  ) as Record<Span, string>

/** Formats an exact amount for people. */
export const inCents = (amount: string): string => cents(Big(amount))
