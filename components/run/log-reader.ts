/** Longer lines are split. */
const longestLine = 100_000
/** Characters of the text read so far that are compared to tell whether a new text continues it. */
const remembered = 200

/** The label of a progress bar, such as "loading" in "loading: 37%|███"; undefined for any other line. */
const barOf = (line: string): string | undefined => /^(.{0,200}?)\s*\d{1,3}(?:\.\d+)?%\s*\|/.exec(line)?.[1]

/** Splits a growing log into lines, piece by piece, so that a long log does not block the page. */
export class LogReader {
  /** The lines read. The last one may still change. Of a progress bar, only the last state is kept. */
  readonly lines: string[] = []
  #read = 0
  #end = ""
  #open = ""
  #bar: string | undefined

  /** Whether a text continues what was read. */
  continues(text: string): boolean {
    return text.length >= this.#read && text.slice(this.#read - this.#end.length, this.#read) === this.#end
  }

  /** Reads the next `most` characters of a text. Returns false once all of it is read. */
  read(text: string, most: number): boolean {
    const piece = text.slice(this.#read, this.#read + most)
    this.#read += piece.length
    this.#end = (this.#end + piece).slice(-remembered)
    // A piece may end between \r and \n.
    const lines = (this.#open + piece).split(/\r\n|\n|\r(?!$)/)
    this.#open = lines.pop()!
    for (const line of lines) this.#add(line)
    for (; this.#open.length > longestLine; this.#open = this.#open.slice(longestLine))
      this.#add(this.#open.slice(0, longestLine))
    return this.#read < text.length
  }

  #add(line: string) {
    const bar = barOf(line)
    if (bar !== undefined && bar === this.#bar) this.lines[this.lines.length - 1] = line
    else this.lines.push(line)
    this.#bar = bar
  }

  /** The lines that may still change: the last one, and the one that has no line break yet. */
  get lastLines(): string[] {
    const open = this.#open.replace(/\r$/, "")
    const last = this.lines.slice(-1)
    if (open === "") return last
    return this.#bar !== undefined && barOf(open) === this.#bar ? [open] : [...last, open]
  }
}

/** Finds the lines that contain `words`, ignoring case, piece by piece. `words` must be in lower case. */
export class LogSearch {
  readonly found: string[] = []
  #at = 0

  constructor(
    private readonly lines: string[],
    private readonly words: string,
  ) {}

  /**
   * Searches up to `most` more lines, except the last one, which may still change. Returns false once all are searched.
   */
  search(most: number): boolean {
    const last = this.lines.length - 1
    for (const end = Math.min(last, this.#at + most); this.#at < end; this.#at++)
      if (this.matches(this.lines[this.#at]!)) this.found.push(this.lines[this.#at]!)
    return this.#at < last
  }

  matches = (line: string): boolean => line.toLowerCase().includes(this.words)
}

/** How much is read and searched at a time, so that the page stays responsive. */
const atOnce = { characters: 1_000_000, lines: 20_000 }

export type LogLines = {
  lines: string[]
  /** The number of earlier lines. */
  hidden: number
  /** The number of lines found and of all lines; null without a search. */
  found: { lines: number; of: number } | null
}

/** A growing log with a search. */
export class LogView {
  #log = new LogReader()
  #search: { words: string; search: LogSearch } | null = null

  constructor(text: string) {
    this.#log.read(text, atOnce.characters * 2)
  }

  /** Reads and searches the next piece. Returns false once there is nothing left to do. */
  advance(text: string, words: string): boolean {
    if (!this.#log.continues(text)) {
      this.#log = new LogReader()
      this.#search = null
    }
    const reads = this.#log.read(text, atOnce.characters)
    if (words === "") this.#search = null
    else if (this.#search?.words !== words) this.#search = { words, search: new LogSearch(this.#log.lines, words) }
    const searches = this.#search?.search.search(atOnce.lines) ?? false
    return reads || searches
  }

  /** The last `most` lines: with a search, of those found, otherwise of all. */
  last(most: number): LogLines {
    const { lines, lastLines } = this.#log
    const search = this.#search?.search
    const [before, length] = search ? [search.found, search.found.length] : [lines, Math.max(0, lines.length - 1)]
    const ends = search ? lastLines.filter(search.matches) : lastLines
    const all = length + ends.length
    return {
      lines: [...before.slice(Math.max(0, all - most), length), ...ends],
      hidden: Math.max(0, all - most),
      found: search ? { lines: all, of: Math.max(0, lines.length - 1) + lastLines.length } : null,
    }
  }
}
