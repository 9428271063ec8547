import Big from "big.js"

import { perHour, usd } from "./price"

/** Hours in an average month. */
const hoursPerMonth = 730

/** What using a SKU comes to, each as exact US dollars ready to show. All times are in seconds. */
export function costs(usdPerSecond: string, { runSeconds, setupSeconds, idleSeconds }: { runSeconds: number; setupSeconds: number; idleSeconds: number }) {
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
