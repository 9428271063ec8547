// Exact numbers in JSON: JavaScript rounds integers beyond 2^53, and writes 1.0 as 1 and 1e400 as null.

type Revive = (key: string, value: unknown, context: { source?: string }) => unknown
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, revive: Revive): unknown
  rawJSON(text: string): object
}

// Makes JSON.stringify write a bigint as a number instead of throwing, for every entry point, webhook and runner.
// oxlint-disable-next-line no-extend-native
Object.defineProperty(BigInt.prototype, "toJSON", {
  value(this: bigint) {
    return rawJSON(String(this))
  },
  configurable: true,
  writable: true,
})

/** The digits of the longest integer that Python, which models are written in, reads. Longer ones take too long. */
export const mostDigits = 4300

/** An integer has more than `mostDigits` digits. */
export class TooManyDigits extends Error {}

/** Parses JSON. Integers that JavaScript would round become bigints, up to `mostDigits` digits. */
export function parseExactly(text: string): unknown {
  const marked = withMarks(text)
  return marked === text ? JSON.parse(text) : withIntegers(JSON.parse(marked))
}

/** What the strings begin with that stand for integers while a text is parsed. Nobody outside knows it. */
const mark = crypto.randomUUID().slice(0, 18)

/**
 * A JSON text with integers that JavaScript would round as strings, which `withIntegers` turns into bigints after it was
 * parsed: a reviver would see every value, which takes seconds for a large text. Longer ones than `mostDigits` stay as
 * they are; with `refuse`, throws `TooManyDigits`. The text itself if it has none.
 */
export function withMarks(text: string, { refuse = false } = {}): string {
  if (!mayBeRounded.test(text)) return text
  const parts: string[] = []
  let copied = 0
  /** The string in which the text was last looked at, or that comes next. */
  let [opens, closes] = stringFrom(text, 0)
  // No loop within the expression: digits by the million would exhaust its stack.
  const sixteen = /-?\d{16}/g
  for (let found = sixteen.exec(text); found; found = sixteen.exec(text)) {
    const { index } = found
    while (closes < index) [opens, closes] = stringFrom(text, closes + 1)
    if (opens < index) {
      sixteen.lastIndex = closes
      continue
    }
    let end = sixteen.lastIndex
    while (isDigit(text.charCodeAt(end))) end++
    sixteen.lastIndex = end
    if (!isInteger(text, index, end)) continue
    if (refuse && end - index > mostDigits) throw new TooManyDigits()
    const digits = text.slice(index, end)
    if (!isRounded(Number(digits), digits)) continue
    parts.push(text.slice(copied, index), `"${mark}${digits}"`)
    copied = end
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(copied)
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Where the first string from `at` on opens and closes; both at the end if there is none. */
function stringFrom(text: string, at: number): [opens: number, closes: number] {
  const opens = text.indexOf('"', at)
  if (opens < 0) return [text.length, text.length]
  for (let closes = text.indexOf('"', opens + 1); closes >= 0; closes = text.indexOf('"', closes + 1)) {
    let escapes = 0
    while (text[closes - 1 - escapes] === "\\") escapes++
    if (escapes % 2 === 0) return [opens, closes]
  }
  return [opens, text.length]
}

/** Whether digits outside of strings are a value, and not part of another number, a key or what is no JSON. */
function isInteger(text: string, start: number, end: number): boolean {
  if (/[\w.+-]/.test(text[start - 1] ?? "") || !/^-?[1-9]/.test(text.slice(start, start + 2))) return false
  let next = end
  while (/\s/.test(text[next] ?? "")) next++
  return next === text.length || ",]}".includes(text[next]!)
}

/** A parsed value with integers in place of what `withMarks` wrote. Throws a RangeError if it is nested too deeply. */
export function withIntegers(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) {
    for (let n = 0; n < value.length; n++) {
      const one: unknown = value[n]
      if (typeof one === "string" || typeof one === "object") value[n] = withIntegers(one)
    }
    return value
  }
  for (const key in value) {
    const one: unknown = value[key as keyof typeof value]
    const exact = withIntegers(one)
    // Not assigned, because of the key __proto__.
    if (exact !== one)
      Object.defineProperty(value, key, { value: exact, configurable: true, enumerable: true, writable: true })
  }
  return value
}

/**
 * Parses JSON only to serialize it again: `JSON.stringify` writes every number as it was. Until then, numbers that
 * JavaScript would write differently are objects.
 */
export const parseAsWritten = (text: string): unknown =>
  mayBeSpeltAnew.test(text)
    ? parse(text, (_key, value, { source }) =>
        typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value,
      )
    : JSON.parse(text)

export const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint"

export const isWhole = (value: number | bigint): boolean => typeof value === "bigint" || Number.isInteger(value)

/** The number in a text, as `parseExactly` reads it. */
export function numberOf(text: string): number | bigint {
  const value = Number(text)
  const source = text.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1")
  return isRounded(value, source) ? BigInt(source) : value
}

/** Whether JavaScript would write an integer with other digits. */
const isRounded = (value: number, source: string) =>
  !Number.isSafeInteger(value) && source.length <= mostDigits && /^-?\d+$/.test(source) && String(value) !== source

/** Sixteen digits in a row. A match inside a string only costs time. */
const mayBeRounded = /\d{16}/
const mayBeSpeltAnew = /\d(?:\.?\d){15}|\d[eE][+-]?\d|\.\d*0(?!\d)|-0(?![\d.])|0\.0{6}/
