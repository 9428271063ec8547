import type { Field, Shape } from "@/lib/versions/read-form"
import { jsonText } from "./json-text"

/**
 * Characters of an address. Browsers send it twice, as the address of the page and as where they come from, and Node
 * takes 16 kB of both; after `/signin?next=` it is encoded once more.
 */
const longest = 5000

/** Whether a value may hold a secret, which no address and no draft may. */
export const holdsSecret = ({ kind, items, variants = [], fields = [] }: Shape): boolean =>
  kind === "secret" || [...(items ? [items] : []), ...variants, ...fields].some(holdsSecret)

/** What can be known of an input by others: all but its secrets, and nothing of one whose schema is not known. */
export const withoutSecrets = (fields: Field[], input: Record<string, unknown>): Record<string, unknown> => {
  const open = new Set(fields.filter((field) => !holdsSecret(field)).map(({ name }) => name))
  return Object.fromEntries(Object.entries(input).filter(([name]) => open.has(name)))
}

type Model = { owner: string; name: string; version: string }

/** The path of a playground that opens with an input, but for its secrets. Null if it would be too long. */
export function pathWithInput(model: Model, fields: Field[], input: Record<string, unknown>): string | null {
  const query = new URLSearchParams({ version: model.version, inputs: jsonText(withoutSecrets(fields, input)) })
  const path = `/${model.owner}/${model.name}/playground?${query}`
  return encodeURIComponent(path).length <= longest ? path : null
}

/** Where to sign in before coming back to a path. */
export const signInFor = (next: string): string => `/signin?next=${encodeURIComponent(next)}`
