/** A part of a line with one style. */
export type LogPart = { text: string; color?: string; bold?: true; dim?: true }

const colors = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

/** Splits a line by its ANSI color and style codes (SGR). Other escape codes are removed. */
export function ansiParts(line: string): LogPart[] {
  const parts: LogPart[] = []
  let look: Omit<LogPart, "text"> = {}
  // Matches terminal escape sequences.
  // oxlint-disable-next-line no-control-regex
  for (const piece of line.split(/(\u001b\[[\d;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007|\u001b.)/)) {
    // oxlint-disable-next-line no-control-regex
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1]
    if (codes !== undefined) look = lookAfter(look, codes.split(";").map(Number))
    else if (piece !== "" && !piece.startsWith("\u001b")) parts.push({ text: piece, ...look })
  }
  return parts
}

function lookAfter(before: Omit<LogPart, "text">, codes: number[]): Omit<LogPart, "text"> {
  let look = { ...before }
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!
    if (code === 0) look = {}
    else if (code === 1) look.bold = true
    else if (code === 2) look.dim = true
    else if (code === 22) look = { ...(look.color && { color: look.color }) }
    else if (code === 39) delete look.color
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) look.color = colors[code % 10]!
    else if (code === 38 && codes[at + 1] === 5) {
      const number = codes[at + 2] ?? 0
      if (number < 16) look.color = colors[number % 8]!
      at += 2
    } else if ((code === 38 || code === 48) && codes[at + 1] === 2) at += 4
    else if (code === 48) at += 2
  }
  return look
}
