/** The line above logs whose beginning was cut off. Its length never changes, because clients compare lengths. */
export const cutNote = (dropped: number): string =>
  `[The first ${dropped.toLocaleString("en-US").padStart(14)} characters of these logs are not kept.]\n`

const note = /^\[The first +([\d,]+) characters of these logs are not kept\.\]\n/

/** How many characters were cut off, and what is left. */
export function readCut(logs: string): { dropped: number; kept: string } {
  const [line, dropped] = note.exec(logs) ?? []
  return line === undefined
    ? { dropped: 0, kept: logs }
    : { dropped: Number(dropped!.replaceAll(",", "")), kept: logs.slice(line.length) }
}
