import Big from "big.js"

/** US dollars as people write them: at least cents, more digits only where they say something. Exact, never a float. */
export function usd(amount: Big | string, minimumDigits = 2): string {
  const [whole, fraction = ""] = Big(amount).toFixed().split(".")
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ",")
  return `$${grouped}.${fraction.padEnd(minimumDigits, "0")}`
}

/** The price of an hour, in US dollars: 3600 times that of a second. */
export const perHour = (usdPerSecond: string): Big => Big(usdPerSecond).times(3600)

/** "$0.000225": always six decimals, so that a column of them lines up. */
export const usdPerSecond = (price: string): string => usd(price, 6)

/** "$0.81" */
export const usdPerHour = (price: string): string => usd(perHour(price))
