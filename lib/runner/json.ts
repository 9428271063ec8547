import { PassThrough, type Readable } from "node:stream"
import { once } from "node:events"

import { clean, Tail } from "./text"

/** Why a body from a container is rejected, as a sentence. */
export class Unreadable extends Error {}

type JsonPath = (string | number)[]

export type ReadOptions = {
  /** Limit of a body in characters, without files. */
  limit: number
  depth: number
  /** Members of the outermost object to skip. */
  skip: string[]
  /** A member of the outermost object of which only the end is kept. */
  tail: string
  /**
   * The member in which data URLs are files. The result of `cut` replaces them; reading waits for `cut` (backpressure).
   */
  filesIn: string
  cut(file: { type: string; place: JsonPath }, body: Readable): Promise<string>
}

export type ReadResult = {
  value: unknown
  /** Where NaN or Infinity, which JSON lacks, was replaced by null. */
  notNumbers: JsonPath[]
  /** The full length of the member of which only the end is kept. */
  tailLength: number
}

type Frame = { items?: unknown[]; members?: Record<string, unknown>; key?: string; kept: boolean }

/**
 * Parses JSON as a stream. Files inside strings go to `cut` and are never in memory as a whole. Accepts NaN and
 * Infinity, which Python writes. Throws Unreadable for invalid JSON and for what is too large or too deep.
 */
export async function readJson(source: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<ReadResult> {
  const reader = new Reader(options)
  try {
    for await (const chunk of source) await reader.read(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    return reader.end()
  } catch (error) {
    reader.abandon(error as Error)
    throw error
  }
}

const [quote, backslash] = [0x22, 0x5c]
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const escapes: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
}
/** The longest beginning of a data URL, up to its comma: the expression that reads it takes long for a longer one. */
const longestType = 1000
const oddNumbers = new Set(["NaN", "Infinity", "-Infinity"])

type Expect = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing"

class Reader {
  #expect: Expect = "value"
  #frames: Frame[] = []
  #root: unknown
  #left: number
  #text: Text | null = null
  #isKey = false
  #word = ""
  readonly #notNumbers: JsonPath[] = []
  #tailLength = 0

  constructor(private readonly options: ReadOptions) {
    this.#left = options.limit
  }

  async read(chunk: Buffer) {
    for (let at = 0; at < chunk.length;) {
      if (this.#text) {
        const rest = this.#text.read(chunk, at)
        // Backpressure: wait for the file's consumer.
        const waits = this.#text.waits()
        if (waits) await waits
        at = rest
        if (this.#text.ended) await this.#endText()
      } else if (this.#word && isPartOfWord(chunk[at]!)) {
        this.#word += String.fromCharCode(chunk[at++]!)
        if (this.#word.length > 400) throw new Unreadable("It has a number of more than 400 digits.")
      } else {
        if (this.#word) this.#endWord()
        this.#punctuate(chunk[at++]!)
      }
    }
  }

  end(): ReadResult {
    if (this.#word) this.#endWord()
    if (this.#expect !== "nothing") throw new Unreadable("It ends too early.")
    return { value: this.#root, notNumbers: this.#notNumbers, tailLength: this.#tailLength }
  }

  abandon(error: Error) {
    this.#text?.abandon(error)
  }

  #punctuate(byte: number) {
    if (isSpace(byte)) return
    const char = String.fromCharCode(byte)
    const expect = this.#expect
    const maybeValue = expect === "value" || expect === "value or end"
    if (char === '"' && (maybeValue || expect === "key" || expect === "key or end")) this.#beginText(!maybeValue)
    else if (maybeValue && (char === "{" || char === "[")) this.#open(char)
    else if (maybeValue && isPartOfWord(byte)) this.#word = char
    else if (expect === "colon" && char === ":") this.#expect = "value"
    else if (expect === "comma or end" && char === ",") this.#expect = this.#frames.at(-1)!.items ? "value" : "key"
    else if (char === "]" && this.#frames.at(-1)?.items && (expect === "value or end" || expect === "comma or end"))
      this.#close()
    else if (char === "}" && this.#frames.at(-1)?.members && (expect === "key or end" || expect === "comma or end"))
      this.#close()
    else throw new Unreadable(`It is not JSON: unexpected "${clean(char)}".`)
  }

  #open(char: "{" | "[") {
    if (this.#frames.length >= this.options.depth)
      throw new Unreadable(`It is nested more than ${this.options.depth} levels deep.`)
    this.#spend(8)
    const kept = this.#kept()
    this.#frames.push(char === "{" ? { members: {}, kept } : { items: [], kept })
    this.#expect = char === "{" ? "key or end" : "value or end"
  }

  #close() {
    const { items, members } = this.#frames.pop()!
    this.#put(items ?? members)
  }

  #beginText(isKey: boolean) {
    this.#isKey = isKey
    const place = this.#place()
    const isTail = !isKey && place.length === 1 && place[0] === this.options.tail
    const mayBeFile = !isKey && place[0] === this.options.filesIn && this.#kept()
    this.#text = new Text({
      keep: isKey ? this.#frames.at(-1)!.kept : this.#kept(),
      tail: isTail ? new Tail() : null,
      spend: (characters) => this.#spend(characters),
      cut: mayBeFile ? (type, body) => this.options.cut({ type, place }, body) : null,
    })
  }

  async #endText() {
    const text = this.#text!
    const { tail } = text.options
    const value = await text.value()
    this.#text = null
    if (tail) this.#tailLength = tail.length
    if (!this.#isKey) return this.#put(value)
    this.#frames.at(-1)!.key = value
    this.#expect = "colon"
  }

  #endWord() {
    const word = this.#word
    this.#word = ""
    if (oddNumbers.has(word) || (isNumber(word) && !Number.isFinite(Number(word)))) {
      if (this.#kept()) this.#notNumbers.push(this.#place())
      return this.#put(null)
    }
    if (word === "true" || word === "false") return this.#put(word === "true")
    if (word === "null") return this.#put(null)
    if (!isNumber(word)) throw new Unreadable(`It is not JSON: "${word.slice(0, 40)}" is no value.`)
    this.#put(Number(word))
  }

  #put(value: unknown) {
    const frame = this.#frames.at(-1)
    if (!frame) {
      this.#root = value
      this.#expect = "nothing"
      return
    }
    const kept = this.#kept()
    if (kept) this.#spend(8)
    if (frame.items) {
      if (kept) frame.items.push(value)
    } else if (kept) {
      // A member may be called __proto__.
      Object.defineProperty(frame.members, frame.key!, { value, enumerable: true, writable: true, configurable: true })
    }
    this.#expect = "comma or end"
  }

  /** Whether the next value is kept. */
  #kept() {
    const frame = this.#frames.at(-1)
    if (!frame) return true
    return frame.kept && !(this.#frames.length === 1 && frame.members && this.options.skip.includes(frame.key!))
  }

  #place(): JsonPath {
    return this.#frames.map(({ items, key }) => (items ? items.length : key!))
  }

  #spend(characters: number) {
    this.#left -= characters
    if (this.#left < 0)
      throw new Unreadable(`It is larger than ${Math.round(this.options.limit / 1e6)} MB, files aside.`)
  }
}

const isPartOfWord = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2e
const isNumber = (word: string) => /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(word)

/** One string, from after its opening quote to its closing one. */
class Text {
  ended = false
  #parts = ""
  #escape = ""
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  #file: FileInText | null = null
  #mayBeFile: boolean

  constructor(
    readonly options: {
      keep: boolean
      tail: Tail | null
      spend(characters: number): void
      cut: ((type: string, body: Readable) => Promise<string>) | null
    },
  ) {
    this.#mayBeFile = options.cut !== null
  }

  /** Consumes its part of the chunk, and returns where the chunk continues. */
  read(chunk: Buffer, from: number): number {
    let nextQuote = -1
    let at = from
    while (at < chunk.length) {
      if (this.#escape) {
        this.#unescape(String.fromCharCode(chunk[at++]!))
        continue
      }
      if (nextQuote < at) {
        nextQuote = chunk.indexOf(quote, at)
        if (nextQuote < 0) nextQuote = chunk.length
      }
      const slash = chunk.subarray(at, nextQuote).indexOf(backslash)
      const stop = slash < 0 ? nextQuote : at + slash
      if (stop > at) this.#bytes(chunk.subarray(at, stop))
      if (stop === chunk.length) return stop
      at = stop + 1
      if (slash < 0) {
        this.ended = true
        return at
      }
      this.#escape = "\\"
    }
    return at
  }

  waits(): Promise<unknown> | null {
    return this.#file?.waits() ?? null
  }

  async value(): Promise<string> {
    if (this.#file) return this.#file.end()
    this.#characters(this.#decoder.decode())
    const { tail } = this.options
    return tail ? tail.toString() : clean(this.#parts)
  }

  abandon(error: Error) {
    this.#file?.abandon(error)
  }

  #unescape(char: string) {
    this.#escape += char
    if (this.#escape[1] === "u") {
      if (this.#escape.length < 6) return
      const code = this.#escape.slice(2)
      if (!/^[0-9a-f]{4}$/i.test(code)) throw new Unreadable("It is not JSON: it has an invalid escape sequence.")
      this.#escaped(String.fromCharCode(Number.parseInt(code, 16)))
    } else {
      const meant = escapes[char]
      if (meant === undefined) throw new Unreadable("It is not JSON: it has an invalid escape sequence.")
      this.#escaped(meant)
    }
    this.#escape = ""
  }

  #escaped(text: string) {
    if (this.#file) return this.#file.write(Buffer.from(text))
    this.#characters(this.#decoder.decode())
    this.#characters(text)
  }

  #bytes(bytes: Buffer) {
    if (this.#file) return this.#file.write(bytes)
    if (!this.options.keep) return
    this.#characters(this.#decoder.decode(bytes, { stream: true }))
  }

  #characters(text: string) {
    if (!this.options.keep || text === "") return
    if (this.options.tail) return void this.options.tail.append(text)
    this.options.spend(text.length)
    this.#parts += text
    if (this.#mayBeFile) this.#lookForFile()
  }

  #lookForFile() {
    const text = this.#parts
    if (!"data:".startsWith(text.slice(0, 5))) this.#mayBeFile = false
    const comma = text.indexOf(",")
    if (comma < 0 && text.length <= longestType) return
    this.#mayBeFile = false
    if (comma < 0 || comma > longestType) return
    const [, type] = /^data:([^;,]*)[^,]*;base64,$/i.exec(text.slice(0, comma + 1)) ?? []
    if (type === undefined) return
    this.#file = new FileInText(type || "application/octet-stream", this.options.cut!)
    this.#file.write(Buffer.from(text.slice(comma + 1)))
    this.options.spend(-text.length)
    this.#parts = ""
  }
}

/** A file in base64 that is being decoded. */
class FileInText {
  readonly #body = new PassThrough({ highWaterMark: 1024 * 1024 })
  readonly #kept: Promise<string>
  #failed: Error | null = null
  #rest = ""

  constructor(type: string, cut: (type: string, body: Readable) => Promise<string>) {
    this.#body.on("error", () => {})
    this.#kept = cut(type, this.#body)
    this.#kept.catch((error) => {
      this.#failed = error
      this.#body.destroy()
    })
  }

  write(bytes: Buffer) {
    const text = this.#rest + bytes.toString("latin1")
    const whole = text.length - (text.length % 4)
    this.#rest = text.slice(whole)
    if (whole > 0 && !this.#failed) this.#body.write(Buffer.from(text.slice(0, whole), "base64"))
  }

  waits(): Promise<unknown> | null {
    if (this.#failed) throw this.#failed
    if (!this.#body.writableNeedDrain) return null
    return Promise.race([once(this.#body, "drain"), this.#kept])
  }

  async end(): Promise<string> {
    if (this.#rest) this.#body.write(Buffer.from(this.#rest, "base64"))
    this.#body.end()
    return this.#kept
  }

  abandon(error: Error) {
    this.#body.destroy(error)
  }
}
