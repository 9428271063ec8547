import { hiddenSecret } from "./present"

/** Shorter secrets would match too much other text: they are masked only where they are a whole value. */
const shortest = 4

/** Masks the secrets of a prediction in the output of its model. */
export type SecretMask = {
  /** The value with every secret masked: within text, across the parts of a list, in names, and as a number. */
  whole<T>(value: T): T
  /** `whole` for text or a list that is still growing: omits an end that may be the beginning of a secret. */
  soFar<T>(value: T): T
}

/** A mask for these values. Null if there is nothing to mask. */
export function secretMask(values: unknown[]): SecretMask | null {
  const secrets = [...new Set(values.flatMap(textsIn))].filter((text) => text !== "")
  if (secrets.length === 0) return null
  const alone = new Set(secrets)
  const within = [...new Set(secrets.filter(({ length }) => length >= shortest).flatMap(spellings))]

  function masked(parts: string[]): string[] {
    const spans = spansOf(parts.join(""), within)
    let start = 0
    return parts.map((part) => {
      const text = alone.has(part.trim()) ? part.replace(part.trim(), hiddenSecret) : cut(part, start, spans)
      start += part.length
      return text
    })
  }

  function whole(value: unknown): unknown {
    if (typeof value === "string") return masked([value])[0]
    if (typeof value === "number" || typeof value === "bigint") return alone.has(String(value)) ? hiddenSecret : value
    if (Array.isArray(value)) return runsOf(value).flatMap((run) => (areTexts(run) ? masked(run) : run.map(whole)))
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [masked([name])[0], whole(inner)]))
    return value
  }

  function soFar(value: unknown): unknown {
    if (typeof value === "string") return cut(value.slice(0, settled(value, within)), 0, spansOf(value, within))
    const last = Array.isArray(value) ? runsOf(value).at(-1) : undefined
    if (!last || !areTexts(last)) return whole(value)
    const until = settled(last.join(""), within)
    let end = 0
    const open = last.findIndex((part) => (end += part.length) > until)
    const all = whole(value) as unknown[]
    return open === -1 ? all : all.slice(0, all.length - last.length + open)
  }

  return { whole: whole as SecretMask["whole"], soFar: soFar as SecretMask["soFar"] }
}

const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value.trim()]
    : typeof value === "number" || typeof value === "bigint"
      ? [String(value)]
      : Array.isArray(value)
        ? value.flatMap(textsIn)
        : []

/** The ways in which programs print a text: unchanged, with other line breaks, in JSON, and in a URL. */
const spellings = (secret: string): string[] => {
  const text = secret.toWellFormed()
  return [secret, text.replace(/\r\n?/g, "\n"), JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]
}

type Span = { start: number; end: number }

/** The spans of a text that contain secrets, merged and in order. */
function spansOf(text: string, secrets: string[]): Span[] {
  const found = secrets.flatMap((secret) => placesOf(text, secret))
  const spans: Span[] = []
  for (const span of found.toSorted((a, b) => a.start - b.start)) {
    const last = spans.at(-1)
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end)
    else spans.push({ ...span })
  }
  return spans
}

function placesOf(text: string, secret: string): Span[] {
  const places: Span[] = []
  for (let start = text.indexOf(secret); start !== -1; start = text.indexOf(secret, start + secret.length))
    places.push({ start, end: start + secret.length })
  return places
}

/** A part of a text that begins at `start`, without the spans; a placeholder marks where a span begins. */
function cut(part: string, start: number, spans: Span[]): string {
  const end = start + part.length
  let [kept, at] = ["", start]
  for (const span of spans) {
    if (span.end <= at || span.start >= end) continue
    kept += part.slice(at - start, Math.max(at, span.start) - start)
    if (span.start >= start) kept += hiddenSecret
    at = Math.min(span.end, end)
  }
  return kept + part.slice(at - start)
}

/** The length of a growing text without an end that may be the beginning of a secret. */
const settled = (text: string, secrets: string[]): number =>
  text.length -
  Math.max(
    0,
    ...secrets.map((secret) => {
      const after = placesOf(text, secret).at(-1)?.end ?? 0
      return begunAtEnd(text.slice(Math.max(after, text.length - secret.length + 1)), secret)
    }),
  )

/** The length of the longest prefix of a secret with which a shorter text ends (Knuth–Morris–Pratt). */
function begunAtEnd(text: string, secret: string): number {
  const shorter = [0]
  const next = (length: number, character: string) => {
    while (length > 0 && secret[length] !== character) length = shorter[length - 1]!
    return secret[length] === character ? length + 1 : length
  }
  for (let at = 1; at < secret.length; at++) shorter.push(next(shorter[at - 1]!, secret[at]!))
  let length = 0
  for (const character of text.split("")) length = next(length, character)
  return length
}

/** Splits a list into runs of strings and of other values. */
function runsOf(list: unknown[]): unknown[][] {
  const runs: unknown[][] = []
  for (const one of list) {
    const run = runs.at(-1)
    if (run && (typeof run[0] === "string") === (typeof one === "string")) run.push(one)
    else runs.push([one])
  }
  return runs
}
const areTexts = (run: unknown[]): run is string[] => typeof run[0] === "string"
