import { jsonText } from "./json-text"

/** The values of an input in two runs; undefined if a run did not have it. */
export type InputPair = { name: string; a: unknown; b: unknown; differs: boolean }

/** Pairs the inputs of two runs, those that differ first. */
export function pairInputs(a: Record<string, unknown>, b: Record<string, unknown>): InputPair[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  const pairs = names.map((name) => ({
    name,
    a: a[name],
    b: b[name],
    differs: written(a[name]) !== written(b[name]),
  }))
  return [...pairs.filter(({ differs }) => differs), ...pairs.filter(({ differs }) => !differs)]
}

/** A value as text for comparison, independent of the order of keys. */
const written = (value: unknown): string => (value === undefined ? "" : jsonText(inOrder(value)))

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  // Numbers that JavaScript would round are objects of another kind.
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, inOrder(inner)]))
}
