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
export const parseExactly = (text: string): unknown =>
  mayBeRounded.test(text) ? parse(text, exactly) : JSON.parse(text)

const exactly: Revive = (_key, value, { source }) =>
  typeof value === "number" && source !== undefined && isRounded(value, source) ? BigInt(source) : value

const exactlyOrRefused: Revive = (key, value, context) => {
  if (typeof value === "number" && (context.source?.length ?? 0) > mostDigits) throw new TooManyDigits()
  return exactly(key, value, context)
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

/**
 * Replaces the integers in `value` that were rounded when `text` was parsed; removed keys stay removed. Throws a
 * RangeError if the nesting exceeds the stack, and `TooManyDigits`.
 */
export const restoreNumbers = (value: unknown, text: string): unknown =>
  mayBeRounded.test(text) ? restored(value, parse(text, exactlyOrRefused)) : value

function restored(value: unknown, exact: unknown): unknown {
  if (typeof exact === "bigint") return exact
  if (typeof value !== "object" || value === null || typeof exact !== "object" || exact === null) return value
  const [into, from] = [value, exact] as Record<string, unknown>[]
  for (const key of Object.keys(value)) into![key] = restored(into![key], from![key])
  return value
}

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
