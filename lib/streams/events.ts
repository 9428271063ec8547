import { withPublicUrls } from "@/lib/files/address"
import type { Prediction } from "@/lib/predictions/row"
import { isOver } from "@/lib/predictions/status"

/** A server-sent event. `position` numbers the events of a prediction, from 1. */
export type StreamEvent = { position: number; event: "output" | "error" | "done"; data: string }

/** The fields of a prediction that events are made of. */
export type Streamed = Pick<Prediction, "status" | "output" | "error">

/**
 * The events of a prediction after a position. Each part of the output is an event; `done` is the last, after any
 * `error`. Positions are the same on every server, so a client can reconnect to any of them.
 */
export function* eventsAfter(position: number, prediction: Streamed, origin: string): Generator<StreamEvent> {
  const { status, output, error } = prediction
  const parts = partsOf(output)
  const over = isOver(status)
  for (let n = position; n < parts.length; n++) {
    const data = textOf(parts, n, over, origin)
    if (data !== "") yield { position: n + 1, event: "output", data }
  }
  if (!over) return
  const failed = status === "failed"
  const end = parts.length + (failed ? 2 : 1)
  if (failed && position < end - 1)
    yield { position: end - 1, event: "error", data: JSON.stringify({ detail: error ?? "Prediction failed" }) }
  if (position < end) yield { position: end, event: "done", data: JSON.stringify(reasonOf(status)) }
}

/** The position of the newest event. */
export function lastPosition({ status, output }: Streamed): number {
  const parts = partsOf(output).length
  return isOver(status) ? parts + (status === "failed" ? 2 : 1) : parts
}

/** Only lists are streamed in parts. */
const partsOf = (output: unknown): unknown[] =>
  Array.isArray(output) ? output : output === null || output === undefined ? [] : [output]

function reasonOf(status: Prediction["status"]) {
  if (status === "succeeded") return {}
  return { reason: status === "failed" ? "error" : "canceled" }
}

/**
 * A part as text. A lone surrogate at its end is moved to the next part, which may contain the other half: half a
 * character cannot be encoded as UTF-8.
 */
function textOf(parts: unknown[], n: number, over: boolean, origin: string): string {
  const own = plain(parts[n], origin)
  const before = n > 0 ? plain(parts[n - 1], origin) : ""
  const whole = endsInHalf(before) ? before.at(-1)! + own : own
  const isLast = over && n === parts.length - 1
  return endsInHalf(whole) && !isLast ? whole.slice(0, -1) : whole.toWellFormed()
}

function plain(part: unknown, origin: string): string {
  const shown = withPublicUrls(part, origin)
  return typeof shown === "string" ? shown : JSON.stringify(shown)
}

const endsInHalf = (text: string) => /[\ud800-\udbff]$/.test(text)
