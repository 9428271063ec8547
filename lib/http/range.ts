/** Bytes of a content, the last one included. */
export type ByteRange = { start: number; end: number }

/** The bytes a Range header asks for: undefined for all of them, "outside" when there are none such. Several ranges are answered with all. */
export function spanOf(range: string | undefined, size: number): ByteRange | "outside" | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? "") ?? []
  if (from === undefined || (from === "" && to === "")) return undefined
  if (from === "")
    return Number(to) === 0 || size === 0 ? "outside" : { start: Math.max(0, size - Number(to)), end: size - 1 }
  const [start, end] = [Number(from), to === "" ? size - 1 : Math.min(Number(to), size - 1)]
  return start >= size || end < start ? "outside" : { start, end }
}
