import { cutNote } from "./cut-logs"

/** Makes text safe for databases and browsers: NUL and lone surrogates become U+FFFD. */
export const clean = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD")

/** Progress bars redraw with carriage returns; clients expect newlines. */
export const withLines = (text: string): string => text.replace(/\r\n?/g, "\n")

/** Character limit of a log. */
const logLimit = 1024 * 1024

/** The end of a growing text, below a note once its beginning was cut. */
export class Tail {
  #text = ""
  /** The full length. */
  length = 0

  constructor(private readonly limit = logLimit) {}

  append(text: string): this {
    this.length += text.length
    this.#text += text
    if (this.#text.length > this.limit * 2) this.#text = this.#text.slice(-this.limit)
    return this
  }

  /** Never shorter than before, because clients compare lengths. */
  toString(): string {
    if (this.length <= this.limit) return clean(withLines(this.#text))
    return cutNote(this.length - this.limit) + clean(this.#text.slice(-this.limit).replaceAll("\r", "\n"))
  }
}

/**
 * The end of `all` that `seen` lacks. `seen` may start earlier or later than `all`, and may have been cut off anywhere
 * within it.
 */
export function missingEnd(seen: string, all: string): string {
  if (seen.includes(all.slice(-sureLength))) return ""
  const end = seen.slice(-sureLength)
  const at = end.length === sureLength ? all.lastIndexOf(end) : -1
  if (at !== -1) return all.slice(at + sureLength)
  for (let length = end.length; length > 0; length--) if (all.startsWith(end.slice(-length))) return all.slice(length)
  return all
}
/** So many characters are not repeated by chance. */
const sureLength = 200
