import { hiddenSecret } from "./present"

/** Shorter secrets would match too much other text. */
const shortest = 4

/** A value with every secret masked, even within text. */
export function withoutSecrets<T>(value: T, secrets: unknown[]): T {
  const texts = secrets.flatMap(textsIn).filter((text) => text.length >= shortest)
  if (texts.length === 0) return value
  const hide = (one: unknown): unknown => {
    if (typeof one === "string") return texts.reduce((text, secret) => text.replaceAll(secret, hiddenSecret), one)
    if (Array.isArray(one)) return one.map(hide)
    if (typeof one === "object" && one !== null)
      return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, hide(inner)]))
    return one
  }
  return hide(value) as T
}

const textsIn = (value: unknown): string[] =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.flatMap(textsIn) : []
