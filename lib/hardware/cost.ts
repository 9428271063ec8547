import Big from "big.js"

import { perHour, usd } from "./price"

/** Hours in an average month. */
const hoursPerMonth = 730

/** What using a SKU comes to, each as exact US dollars ready to show. All times are in seconds. */
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

/** What a day of use looks like: decimal texts, so that nothing is rounded on the way here. */
export type Usage = {
  runsPerDay: string
  runSeconds: string
  coldStartsPerDay: string
  setupSeconds: string
  idleMinutes: string
}

export type CostEstimate = {
  /** Seconds a day that are paid for, by what the instance does in them. */
  seconds: { setup: Big; active: Big; idle: Big }
  day: Big
  month: Big
}

/**
 * What a day and an average month of use come to, in exact US dollars, in the three ways a model can run: public (its callers pay,
 * for active seconds only), private (every second it is up), and kept always on.
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
    // What is always on is up all day, and more than one instance is up when the runs of a day do not fit into it.
    alwaysOn: estimateFor(usdPerSecond, {
      setup: none,
      active,
      idle: instancesFor(active).times(secondsPerDay).minus(active),
    }),
  }
}

const secondsPerDay = 24 * 3600

/** How many instances it takes for so many active seconds a day, run one after the other: at least one. */
export function instancesFor(activeSecondsPerDay: Big): Big {
  const needed = activeSecondsPerDay.div(secondsPerDay).round(0, Big.roundUp)
  return needed.gt(1) ? needed : Big(1)
}

function estimateFor(usdPerSecond: string, seconds: CostEstimate["seconds"]): CostEstimate {
  const day = seconds.setup.plus(seconds.active).plus(seconds.idle).times(usdPerSecond)
  // Divided last, so that only a month can have endless decimals, and those of "always on" come out even.
  return { seconds, day, month: day.times(hoursPerMonth).div(24) }
}

/** To the cent as people pay it; what is less than a cent but not nothing says so. */
export const cents = (amount: Big): string =>
  amount.gt(0) && amount.lt("0.01") ? "less than $0.01" : usd(amount.round(2))
