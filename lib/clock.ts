/**
 * The current time as ISO-8601 UTC text with microseconds. Within a process, no two calls return the same or an
 * earlier one.
 */
export function now(): string {
  const micros = Date.now() * 1000
  last = Math.max(micros, last + 1)
  return isoFromMicros(last)
}
let last = 0

/** The time `seconds` from now; negative for the past. */
export const fromNow = (seconds: number): string => isoFromMicros(Date.now() * 1000 + Math.round(seconds * 1e6))

/**
 * The time `seconds` after another one. Also correct after the clock was set back: until it has caught up, `now` is
 * ahead of it.
 */
export const after = (moment: string, seconds: number): string => isoFromMicros(microsOf(moment) + seconds * 1e6)

/** The time of the given microseconds since 1970. */
export function isoFromMicros(micros: number) {
  const millis = Math.floor(micros / 1000)
  // Many calls of a busy second fall into the same millisecond.
  if (millis !== written.millis) written = { millis, text: new Date(millis).toISOString().slice(0, -1) }
  return `${written.text}${String(micros % 1000).padStart(3, "0")}Z`
}
let written = { millis: NaN, text: "" }

/** The microseconds since 1970 of a time from `now`. */
export const microsOf = (moment: string): number =>
  Date.parse(`${moment.slice(0, 23)}Z`) * 1000 + Number(moment.slice(23, 26))
