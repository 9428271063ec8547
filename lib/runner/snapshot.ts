import type { Progress } from "./port"
import { clean, withLines } from "./text"

/** What a model server reports of a prediction. Any of it may be missing, late or repeated. */
export type Snapshot = {
  status?: "processing" | "succeeded" | "failed" | "canceled"
  output?: unknown
  logs?: string
  /** The full length of its logs, of which only the end may be here. */
  logsLength?: number
  error?: string
  metrics?: Record<string, unknown>
  /** Where its output has NaN or Infinity. */
  notNumbers?: string[]
}

/** The state of a prediction, merged from all reports. */
export type Known = Required<Pick<Snapshot, "logs" | "logsLength">> & Omit<Snapshot, "logs" | "logsLength">

export const nothingKnown: Known = { logs: "", logsLength: 0 }

export const isTerminal = (status: Progress["status"] | undefined) =>
  status === "succeeded" || status === "failed" || status === "canceled"

/** Parses a body of Cog's webhooks and responses. Null if it is not an object. */
export function snapshotOf(
  body: unknown,
  read: { tailLength: number; notNumbers: (string | number)[][] },
): Snapshot | null {
  if (body === null || typeof body !== "object" || Array.isArray(body)) return null
  const { status, output, logs, error, metrics } = body as Record<string, unknown>
  return {
    ...(typeof status === "string" && { status: statusOf(status) }),
    ...(output !== undefined && { output }),
    ...(typeof logs === "string" && { logs, logsLength: Math.max(read.tailLength, logs.length) }),
    ...(error !== undefined && error !== null && { error: errorText(error) }),
    ...(metrics !== null && typeof metrics === "object" && { metrics: metrics as Record<string, unknown> }),
    notNumbers: read.notNumbers.filter(([member]) => member === "output").map((place) => place.join(".")),
  }
}

const statusOf = (status: string): Snapshot["status"] =>
  status === "succeeded" || status === "failed" || status === "canceled" ? status : "processing"

const errorLimit = 64 * 1024
const errorText = (error: unknown) =>
  clean(withLines(typeof error === "string" ? error : JSON.stringify(error))).slice(0, errorLimit)

/** Merges a report into the state: nothing after the end, no shorter logs or lists. */
export function merge(known: Known, came: Snapshot): Known {
  if (isTerminal(known.status)) return known
  const ends = isTerminal(came.status)
  const longer = came.logs !== undefined && came.logsLength! > known.logsLength
  return {
    ...known,
    ...(came.status && { status: came.status }),
    ...(longer && { logs: came.logs!, logsLength: came.logsLength! }),
    ...("output" in came && replaces(known.output, came.output, ends) && { output: came.output }),
    ...(came.error !== undefined && { error: came.error }),
    ...(came.metrics && { metrics: came.metrics }),
    ...(came.notNumbers?.length && { notNumbers: came.notNumbers }),
  }
}

function replaces(known: unknown, came: unknown, ends: boolean) {
  if (came === null) return known === undefined
  if (Array.isArray(known)) return Array.isArray(came) ? came.length >= known.length : ends
  return true
}

/** The final report: every failure has a reason, every end the time taken. */
export function finalSnapshot(known: Known, took: { seconds: number; error?: string }): Known {
  const status = took.error !== undefined && known.status !== "canceled" ? "failed" : known.status
  const failure = took.error ?? (known.error?.trim() ? readable(known.error) : undefined)
  return {
    ...known,
    status,
    metrics: { ...known.metrics, predict_time: predictTime(known.metrics?.predict_time, took.seconds) },
    ...(status === "failed" && { error: failure ?? "The model failed without an error message." }),
    ...(status === "succeeded" && { error: undefined }),
  }
}

/** The model's own measurement, unless it cannot belong to this run. */
function predictTime(said: unknown, seconds: number) {
  if (typeof said === "number" && said >= 0 && said <= seconds + 1) return said
  return Math.round(Math.max(0, seconds) * 1e6) / 1e6
}

/** Cog's Rust server parses Python's output, and reports it when it cannot. */
const readable = (error: string) =>
  /parse output JSON/i.test(error) ? `${notNumbersError} (${error.slice(0, 500)})` : error

export const notNumbersError = "The output contains NaN or Infinity, which JSON cannot represent."
