/** What a database keeps and a browser shows: no NUL, and no half of a character. Both become U+FFFD. */
export const clean = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD")

/** Bars that are drawn over and over are lines: clients look for a line's end. */
export const withLines = (text: string): string => text.replace(/\r\n?/g, "\n")

/** How many characters of a log are kept. */
export const logLimit = 1024 * 1024

/** The end of a text that grows, with a note in front once its beginning had to go. */
export class Tail {
  #text = ""
  /** How long all of it is. */
  length = 0

  constructor(private readonly limit = logLimit) {}

  append(text: string): this {
    this.length += text.length
    this.#text += text
    if (this.#text.length > this.limit * 2) this.#text = this.#text.slice(-this.limit)
    return this
  }

  /** Always as long as the one before, or longer: who watches compares lengths. */
  toString(): string {
    if (this.length <= this.limit) return clean(withLines(this.#text))
    const dropped = (this.length - this.limit) / 1e6
    const note = `[The first ${dropped.toFixed(1).padStart(8)} MB of these logs are not kept.]\n`
    return note + clean(this.#text.slice(-this.limit).replaceAll("\r", "\n"))
  }
}
