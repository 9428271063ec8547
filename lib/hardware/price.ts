import Big from "big.js"

/** US dollars: at least cents, more digits only if significant. Exact, never a float. */
export function usd(amount: Big | string, minimumDigits = 2): string {
  const [whole, fraction = ""] = Big(amount).toFixed().split(".")
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ",")
  return `$${grouped}.${fraction.padEnd(minimumDigits, "0")}`
}

/** The price per hour in US dollars: 3600 times the price per second. */
export const perHour = (usdPerSecond: string): Big => Big(usdPerSecond).times(3600)

/** Formats a price as "$0.000225", with at least six decimals for aligned columns. */
export const usdPerSecond = (price: string): string => usd(price, 6)

/** Formats the price per hour of a price per second, such as "$0.81". */
export const usdPerHour = (price: string): string => usd(perHour(price))
