/** A byte range, end included. */
export type ByteRange = { start: number; end: number }

/** Parses a Range header: undefined for everything, also for invalid or several ranges; "outside" if out of bounds. */
export function parseRange(range: string | undefined, size: number): ByteRange | "outside" | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? "") ?? []
  if (from === undefined || (from === "" && to === "")) return undefined
  if (from === "")
    return Number(to) === 0 || size === 0 ? "outside" : { start: Math.max(0, size - Number(to)), end: size - 1 }
  const [start, end] = [Number(from), to === "" ? size - 1 : Math.min(Number(to), size - 1)]
  return start >= size || end < start ? "outside" : { start, end }
}
