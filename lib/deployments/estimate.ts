import Big from "big.js"

import { cents } from "@/lib/hardware/cost"
import { usd } from "@/lib/hardware/price"

// The browser imports this file.

const spans = { hour: 1, day: 24, month: 730 } as const
export type Span = keyof typeof spans
export const estimateSpans = Object.keys(spans) as Span[]

/** What so many instances cost in an hour, a day and an average month, ready to show; null where that cannot be told. */
export function costOfInstances(usdPerSecond: string | undefined, instances: string): Record<Span, string> | null {
  if (usdPerSecond === undefined || !/^\d{1,2}$/.test(instances.trim())) return null
  return perSpan(Big(usdPerSecond).times(3600).times(instances.trim()))
}

/** The same of what it has cost in an hour on average, by what it has cost in so many hours; null where that is nothing. */
export function usualCost(amount: string, hours: number): Record<Span, string> | null {
  return Big(amount).gt(0) ? perSpan(Big(amount).div(hours)) : null
}

const perSpan = (perHour: Big) =>
  Object.fromEntries(
    Object.entries(spans).map(([span, hours]) => [span, usd(perHour.times(hours).round(2))]),
  ) as Record<Span, string>

/** An exact amount as a person reads it. */
export const inCents = (amount: string): string => cents(Big(amount))
