import type { Field, Shape } from "@/lib/versions/read-form"
import { jsonText } from "./json-text"

/**
 * The maximum length of an encoded path. Browsers send it twice, as the URL and as the referrer, and Node accepts 16 kB
 * of headers; in `/signin?next=` it is encoded once more.
 */
const longest = 5000

/** Whether values of a shape may contain a secret. URLs and drafts must not. */
export const holdsSecret = ({ kind, items, variants = [], fields = [] }: Shape): boolean =>
  kind === "secret" || [...(items ? [items] : []), ...variants, ...fields].some(holdsSecret)

/** An input without secrets and without fields that the schema does not have. */
const withoutSecrets = (fields: Field[], input: Record<string, unknown>): Record<string, unknown> => {
  const open = new Set(fields.filter((field) => !holdsSecret(field)).map(({ name }) => name))
  return Object.fromEntries(Object.entries(input).filter(([name]) => open.has(name)))
}

type Model = { owner: string; name: string; version: string }

/** The path of a playground prefilled with an input, without secrets. Null if it would be too long. */
export function pathWithInput(model: Model, fields: Field[], input: Record<string, unknown>): string | null {
  const query = new URLSearchParams({ version: model.version, inputs: jsonText(withoutSecrets(fields, input)) })
  const path = `/${model.owner}/${model.name}/playground?${query}`
  return encodeURIComponent(path).length <= longest ? path : null
}

/** The path of the sign-in page that returns to `next`. */
export const signInFor = (next: string): string => `/signin?next=${encodeURIComponent(next)}`
