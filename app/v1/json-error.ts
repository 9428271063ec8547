/** Locating an error takes a dozen parses; in longer texts, it is reported without its position. */
const longest = 64 * 1024

/** What is wrong with a text that is not JSON, and where. */
export function jsonErrorIn(text: string): string {
  const body = text.replace(/^\uFEFF/, "")
  const message = parserMessage(body)
  if (message === undefined) return "it cannot be parsed"
  const [, what, line, column] =
    /^(.*?) (?:in|after) JSON at position \d+ \(line (\d+) column (\d+)\)$/s.exec(message) ?? []
  if (what !== undefined) return `${shown(what)} at line ${line}, column ${column}`
  if (message.startsWith("Unexpected end")) return "it ends too early"
  // For these, the parser names the character and its context, but not the position.
  const [, token] = /^Unexpected token '(.+?)', /su.exec(message) ?? []
  if (token === undefined || body.length > longest) return shown(message.replace(/ is not valid JSON$/, ""))
  const before = body.slice(0, placeOfToken(body)).split("\n")
  return `${shown(`Unexpected token '${token}'`)} at line ${before.length}, column ${before.at(-1)!.length + 1}`
}

function parserMessage(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** The position of the first character that cannot continue a JSON text; the text before it only ends too early. */
function placeOfToken(text: string): number {
  let [good, bad] = [0, text.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (parserMessage(text.slice(0, middle))?.startsWith("Unexpected token")) bad = middle
    else good = middle
  }
  return bad - 1
}

const shown = (text: string) => text.replace(/\s+/g, " ").slice(0, 200)
