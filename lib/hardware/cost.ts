import Big from "big.js"

import { perHour, usd } from "./price"

/** Hours in an average month. */
const hoursPerMonth = 730

/** The cost of a SKU in US dollars, ready to show. All times are in seconds. */
export function costFigures(
  usdPerSecond: string,
  { runSeconds, setupSeconds, idleSeconds }: { runSeconds: number; setupSeconds: number; idleSeconds: number },
) {
  const price = Big(usdPerSecond)
  return {
    perSecond: usd(price, 6),
    perHour: usd(perHour(usdPerSecond)),
    perThousandRuns: usd(price.times(runSeconds).times(1000)),
    coldStart: usd(price.times(setupSeconds)),
    idleTail: usd(price.times(idleSeconds)),
    alwaysOnPerMonth: usd(perHour(usdPerSecond).times(hoursPerMonth)),
  }
}

/** The usage of a day, as decimal texts, so that nothing is rounded. */
export type Usage = {
  runsPerDay: string
  runSeconds: string
  coldStartsPerDay: string
  setupSeconds: string
  idleMinutes: string
}

export type CostEstimate = {
  /** Billed seconds per day, by phase. */
  seconds: { setup: Big; active: Big; idle: Big }
  day: Big
  month: Big
}

/**
 * The cost of a day and an average month in US dollars: public (callers pay for active time), private (all time is
 * billed), and always on.
 */
export function estimateCosts(
  usdPerSecond: string,
  usage: Usage,
): { whenPublic: CostEstimate; whenPrivate: CostEstimate; alwaysOn: CostEstimate } {
  const none = Big(0)
  const active = Big(usage.runsPerDay).times(usage.runSeconds)
  const setup = Big(usage.coldStartsPerDay).times(usage.setupSeconds)
  const idle = Big(usage.coldStartsPerDay).times(usage.idleMinutes).times(60)
  return {
    whenPublic: estimateFor(usdPerSecond, { setup: none, active, idle: none }),
    whenPrivate: estimateFor(usdPerSecond, { setup, active, idle }),
    // Always on is billed all day, for more than one instance if the runs of a day do not fit into one.
    alwaysOn: estimateFor(usdPerSecond, {
      setup: none,
      active,
      idle: instancesFor(active).times(secondsPerDay).minus(active),
    }),
  }
}

const secondsPerDay = 24 * 3600

/** The number of instances needed for this many active seconds per day, run sequentially: at least one. */
function instancesFor(activeSecondsPerDay: Big): Big {
  const needed = activeSecondsPerDay.div(secondsPerDay).round(0, Big.roundUp)
  return needed.gt(1) ? needed : Big(1)
}

function estimateFor(usdPerSecond: string, seconds: CostEstimate["seconds"]): CostEstimate {
  const day = seconds.setup.plus(seconds.active).plus(seconds.idle).times(usdPerSecond)
  // Divided last, so that only months can have infinite decimals, and those of "always on" are exact.
  return { seconds, day, month: day.times(hoursPerMonth).div(24) }
}

/** Formats an amount in US dollars, rounded to the cent; "less than $0.01" below a cent. */
export const cents = (amount: Big): string =>
  amount.gt(0) && amount.lt("0.01") ? "less than $0.01" : usd(amount.round(2))
