/** A line is broken after so many characters. */
const longestLine = 100_000
/** Characters that tell whether a text continues what was read. */
const remembered = 200

/** What comes before the percentage of a progress bar, such as "loading: 37%|███"; undefined for any other line. */
const barOf = (line: string): string | undefined => /^(.{0,200}?)\s*\d{1,3}(?:\.\d+)?%\s*\|/.exec(line)?.[1]

/** Splits a growing log into lines, a piece at a time, so that a long one does not block the page. */
export class LogReader {
  /** The lines read, the last of which may still change. Of a progress bar only its last state is left. */
  readonly lines: string[] = []
  #read = 0
  #end = ""
  #open = ""
  #bar: string | undefined

  /** Whether a text begins with what was read. */
  continues(text: string): boolean {
    return text.length >= this.#read && text.slice(this.#read - this.#end.length, this.#read) === this.#end
  }

  /** Reads up to `most` characters of a text on. False once all of it is read. */
  read(text: string, most: number): boolean {
    const piece = text.slice(this.#read, this.#read + most)
    this.#read += piece.length
    this.#end = (this.#end + piece).slice(-remembered)
    // The first half of a line break may be the end of a piece.
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

  /** The lines that may still change: the last one, and what has no end yet. */
  get lastLines(): string[] {
    const open = this.#open.replace(/\r$/, "")
    const last = this.lines.slice(-1)
    if (open === "") return last
    return this.#bar !== undefined && barOf(open) === this.#bar ? [open] : [...last, open]
  }
}

/** Finds the lines that contain a text in lower case, a piece at a time. */
export class LogSearch {
  readonly found: string[] = []
  #at = 0

  constructor(
    private readonly lines: string[],
    private readonly words: string,
  ) {}

  /**
   * Looks at up to `most` more lines, but for the last one, which may still change. False once it has looked at all.
   */
  search(most: number): boolean {
    const last = this.lines.length - 1
    for (const end = Math.min(last, this.#at + most); this.#at < end; this.#at++)
      if (this.matches(this.lines[this.#at]!)) this.found.push(this.lines[this.#at]!)
    return this.#at < last
  }

  matches = (line: string): boolean => line.toLowerCase().includes(this.words)
}

/** What is read and searched at a time; in between, the page responds. */
const atOnce = { characters: 1_000_000, lines: 20_000 }

export type LogLines = {
  lines: string[]
  /** How many earlier lines there are. */
  hidden: number
  /** Lines found, of all; null without a search. */
  found: { lines: number; of: number } | null
}

/** A growing log and a search in it. */
export class LogView {
  #log = new LogReader()
  #search: { words: string; search: LogSearch } | null = null

  constructor(text: string) {
    this.#log.read(text, atOnce.characters * 2)
  }

  /** Reads and searches a piece on. False once there is no more to do. */
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

  /** The last `most` lines that were found, or of all. */
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
