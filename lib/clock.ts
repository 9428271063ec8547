/** The present moment as ISO-8601 UTC text with microseconds. Two calls in this process never get the same one, nor an earlier one. */
export function now(): string {
  const micros = Date.now() * 1000
  last = Math.max(micros, last + 1)
  return isoFromMicros(last)
}
let last = 0

/** The moment `seconds` from now; negative for before. */
export const fromNow = (seconds: number): string => isoFromMicros(Date.now() * 1000 + Math.round(seconds * 1e6))

/** The moment of so many microseconds since 1970. */
export function isoFromMicros(micros: number) {
  const millis = Math.floor(micros / 1000)
  // Many moments of a busy second fall into the same millisecond.
  if (millis !== written.millis) written = { millis, text: new Date(millis).toISOString().slice(0, -1) }
  return `${written.text}${String(micros % 1000).padStart(3, "0")}Z`
}
let written = { millis: NaN, text: "" }

/** The microseconds since 1970 of a moment as `now` writes it. */
export const microsOf = (moment: string): number =>
  Date.parse(`${moment.slice(0, 23)}Z`) * 1000 + Number(moment.slice(23, 26))
