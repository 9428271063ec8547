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

/** The fields of the calculator; their names are used in the URL. */
export const usageFields: readonly Field[] = [
  {
    name: "runs",
    key: "runsPerDay",
    label: "Runs per day",
    hint: "All predictions.",
    usual: "1000",
    most: 100_000_000,
    decimals: 0,
  },
  {
    name: "seconds",
    key: "runSeconds",
    label: "Seconds per run",
    hint: "From input to output.",
    usual: "5",
    most: 86_400,
    decimals: 3,
  },
  {
    name: "cold",
    key: "coldStartsPerDay",
    label: "Cold starts per day",
    hint: "How often an instance has to start.",
    usual: "10",
    most: 100_000,
    decimals: 0,
  },
  {
    name: "setup",
    key: "setupSeconds",
    label: "Setup seconds",
    hint: "Loading time of each cold start.",
    usual: "60",
    most: 86_400,
    decimals: 3,
  },
  {
    name: "idle",
    key: "idleMinutes",
    label: "Idle minutes",
    hint: "Wait before it stops, each time.",
    usual: "5",
    most: 1440,
    decimals: 3,
  },
]

type UsageName = Field["name"]
export type UsageTexts = Record<UsageName, string>

/** The error of a field as typed; undefined if it is valid. */
export function complaintAbout({ most, decimals }: Field, text: string): string | undefined {
  const pattern = decimals ? /^\d{1,9}(?:\.\d{1,3})?$/ : /^\d{1,9}$/
  if (!pattern.test(text.trim()))
    return decimals ? "Enter a number with at most three decimals." : "Enter a whole number."
  return Number(text) > most ? `At most ${most.toLocaleString("en-US")}.` : undefined
}

/** The usage to calculate with; invalid values count as zero. */
export const usageOf = (texts: UsageTexts): Usage =>
  Object.fromEntries(
    usageFields.map((field) => [field.key, complaintAbout(field, texts[field.name]) ? "0" : texts[field.name].trim()]),
  ) as Usage

/** The URL of a calculation. */
export const pricingAddress = (sku: string, texts: UsageTexts): string =>
  `/pricing?${new URLSearchParams({ sku, ...texts })}#calculator`
