import type { Usage } from "@/lib/hardware/cost"

type Field = {
  name: "runs" | "seconds" | "cold" | "setup" | "idle"
  key: keyof Usage
  label: string
  hint: string
  usual: string
  most: number
  decimals: number
}

/** What the calculator asks for. The names are those of the page's address. */
export const usageFields: readonly Field[] = [
  {
    name: "runs",
    key: "runsPerDay",
    label: "Runs a day",
    hint: "Predictions that anybody makes.",
    usual: "1000",
    most: 100_000_000,
    decimals: 0,
  },
  {
    name: "seconds",
    key: "runSeconds",
    label: "Seconds a run",
    hint: "From input to output.",
    usual: "5",
    most: 86_400,
    decimals: 3,
  },
  {
    name: "cold",
    key: "coldStartsPerDay",
    label: "Cold starts a day",
    hint: "How often it wakes up.",
    usual: "10",
    most: 100_000,
    decimals: 0,
  },
  {
    name: "setup",
    key: "setupSeconds",
    label: "Seconds to set up",
    hint: "Loading, at each cold start.",
    usual: "60",
    most: 86_400,
    decimals: 3,
  },
  {
    name: "idle",
    key: "idleMinutes",
    label: "Idle minutes",
    hint: "Waiting before it stops, each time.",
    usual: "5",
    most: 1440,
    decimals: 3,
  },
]

export type UsageName = Field["name"]
export type UsageTexts = Record<UsageName, string>

/** What is wrong with a field as it was typed; undefined when it can be reckoned with. */
export function complaintAbout({ most, decimals }: Field, text: string): string | undefined {
  const pattern = decimals ? /^\d{1,9}(?:\.\d{1,3})?$/ : /^\d{1,9}$/
  if (!pattern.test(text.trim()))
    return decimals ? "Enter a number with at most three decimals." : "Enter a whole number."
  return Number(text) > most ? `At most ${most.toLocaleString("en-US")}.` : undefined
}

/** The usage as the sums need it: what cannot be reckoned with counts as nothing. */
export const usageOf = (texts: UsageTexts): Usage =>
  Object.fromEntries(
    usageFields.map((field) => [field.key, complaintAbout(field, texts[field.name]) ? "0" : texts[field.name].trim()]),
  ) as Usage

/** The page's address for a calculation. */
export const pricingAddress = (sku: string, texts: UsageTexts): string =>
  `/pricing?${new URLSearchParams({ sku, ...texts })}#calculator`
