import { webhookEvents, type WebhookEvent } from "@/lib/webhooks/schema"
import type { InvalidField } from "./invalid-input"

/** The options of a prediction besides its input. */
export type PredictionRequest = {
  /** Null if the URL determines the version. */
  version: string | null
  input: Record<string, unknown>
  webhook: string | null
  webhook_events_filter: WebhookEvent[] | null
  /** Seconds from creation until it is cancelled. */
  lifetime: number | null
}

/** Known keys; the two in the middle are from older clients. */
const known = new Set([
  "version",
  "input",
  "webhook",
  "webhook_completed",
  "stream",
  "webhook_events_filter",
  "lifetime",
])

const longestWebhook = 2000
/** The maximum nesting depth of an input: deeper ones may break consumers. */
const deepest = 60
const shortestLifetime = 5
const longestLifetime = 7 * 24 * 3600

/**
 * Parses the body of a prediction request. Returns all errors in the wording clients know. `others` are keys that the
 * caller parses.
 */
export function readRequest(
  body: unknown,
  { namesVersion, cancelAfter, others = [] }: { namesVersion: boolean; cancelAfter?: string; others?: string[] },
): PredictionRequest | { invalid: InvalidField[] } {
  if (!isObject(body)) return { invalid: [wrongType("", "object", body)] }
  const invalid: InvalidField[] = []
  const refuse = (type: string, field: string, description: string) => void invalid.push({ type, field, description })

  const { version, input, webhook, webhook_completed, webhook_events_filter: filter, stream, lifetime } = body
  if (namesVersion) {
    if (version === undefined || version === null) refuse("required", "", "version is required")
    else if (typeof version !== "string") invalid.push(wrongType("version", "string", version))
  }
  if (input === undefined || input === null) refuse("required", "", "input is required")
  else if (!isObject(input)) invalid.push(wrongType("input", "object", input))
  else if (isDeeper(input, deepest)) refuse("depth", "input", `Must not be nested deeper than ${deepest} levels`)

  for (const [field, value] of Object.entries({ webhook, webhook_completed }))
    if (value !== undefined && value !== null && !isWebhook(value))
      refuse("format", field, "Does not match format 'uri': give an http(s) address of at most 2,000 characters")
  if (filter !== undefined && filter !== null) {
    if (!Array.isArray(filter)) invalid.push(wrongType("webhook_events_filter", "array", filter))
    else
      for (const [n, event] of filter.slice(0, 20).entries())
        if (!webhookEvents.includes(event))
          refuse(
            "enum",
            `webhook_events_filter.${n}`,
            `webhook_events_filter.${n} must be one of the following: ${webhookEvents.map((one) => `"${one}"`).join(", ")}`,
          )
  }
  if (stream !== undefined && stream !== null && typeof stream !== "boolean")
    invalid.push(wrongType("stream", "boolean", stream))

  const seconds =
    cancelAfter !== undefined
      ? secondsOf(cancelAfter)
      : lifetime === undefined || lifetime === null
        ? null
        : secondsOf(lifetime)
  if (seconds === undefined)
    refuse(
      "format",
      cancelAfter === undefined ? "lifetime" : "Cancel-After",
      `Give a time such as 30s, 5m or 1h30m, from ${shortestLifetime} seconds to 7 days`,
    )
  for (const key of Object.keys(body).slice(0, 100))
    if (!others.includes(key) && (!known.has(key) || (key === "version" && !namesVersion)))
      refuse("additional_property_not_allowed", "", `Additional property ${key} is not allowed`)
  if (invalid.length > 0) return { invalid }

  const toldAtTheEnd = !webhook && typeof webhook_completed === "string"
  return {
    version: namesVersion ? (version as string).trim() : null,
    input: input as Record<string, unknown>,
    webhook: (webhook as string | undefined) ?? (webhook_completed as string | undefined) ?? null,
    webhook_events_filter: toldAtTheEnd
      ? ["completed"]
      : Array.isArray(filter) && filter.length > 0
        ? webhookEvents.filter((event) => filter.includes(event))
        : null,
    lifetime: seconds!,
  }
}

/** The seconds of a duration such as `90`, `30s`, `5m` or `1h30m45s`; undefined if it is invalid or out of range. */
function secondsOf(time: unknown): number | undefined {
  const text = typeof time === "number" ? String(time) : typeof time === "string" ? time.trim() : ""
  const [, alone, h, m, s] = /^(?:(\d{1,7})|(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?)$/.exec(text) ?? []
  const seconds = alone === undefined ? Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s ?? 0) : Number(alone)
  return seconds >= shortestLifetime && seconds <= longestLifetime ? seconds : undefined
}

const isWebhook = (value: unknown) => {
  if (typeof value !== "string" || value.length > longestWebhook || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return (protocol === "https:" || protocol === "http:") && hostname !== ""
}

export const wrongType = (field: string, expected: string, given: unknown): InvalidField => ({
  type: "invalid_type",
  field,
  description: `Invalid type. Expected: ${expected}, given: ${given === null || given === undefined ? "null" : Array.isArray(given) ? "array" : typeof given}`,
})

/** Not recursive, because the input may be too deep for the stack. */
function isDeeper(value: unknown, most: number): boolean {
  let level = [value].filter(isHolder)
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return true
    level = level.flatMap(holdersIn)
  }
  return false
}

/** Does not list all values, which for a million keys would take as long as reading them. */
function holdersIn(holder: object): object[] {
  if (Array.isArray(holder)) return holder.filter(isHolder)
  const found: object[] = []
  for (const key in holder) {
    const value: unknown = holder[key as keyof typeof holder]
    if (isHolder(value)) found.push(value)
  }
  return found
}

const isHolder = (value: unknown): value is object => typeof value === "object" && value !== null

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
