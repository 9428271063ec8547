/** More values than any real manifest or configuration has, but few enough to fit into memory. */
const maxValues = 100_000
const deepest = 100

/**
 * Parses untrusted JSON text. Undefined if it is not an object, is nested too deep, or has so many values that parsing
 * would fill the memory.
 */
export function readObject(text: string): Record<string, unknown> | undefined {
  if (isTooMuch(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Counts values without parsing: four megabytes of brackets would become two hundred in memory. */
function isTooMuch(text: string): boolean {
  let [values, depth] = [1, 0]
  let within = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (within) {
      if (character === backslash) at++
      else if (character === quote) within = false
    } else if (character === quote) within = true
    else if (character === comma || character === bracket || character === brace) {
      if (++values > maxValues) return true
      if (character !== comma && ++depth > deepest) return true
    } else if (character === endOfBracket || character === endOfBrace) depth--
  }
  return false
}

const [quote, backslash, comma, bracket, endOfBracket, brace, endOfBrace] = [...'"\\,[]{}'].map((one) =>
  one.charCodeAt(0),
) as [number, number, number, number, number, number, number]
