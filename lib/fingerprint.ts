import { hash } from "node:crypto"

import { problem } from "@/lib/problem"

/** A short text that changes when any of these values does. A form carries it, to tell whether what it was filled with still stands. */
export const fingerprint = (values: Record<string, string>): string =>
  hash("sha1", JSON.stringify(Object.entries(values).sort()), "base64url")

/** Is shown what a write is about to change, inside the write's own transaction, and throws when that may not be changed. */
export type Guard<Standing> = (standing: Standing) => void

/**
 * Lets only that be saved over which the form was filled with, going by its fingerprint, or which says the same as the form. Anything
 * else is handed to `meanwhile`, and refused. Without a fingerprint nothing is.
 */
export function unlessChanged<V extends Record<string, string>>(
  seen: string,
  values: V,
  meanwhile: (standing: V) => void = () => {},
): Guard<V> {
  return (standing) => {
    if (!seen || [seen, fingerprint(values)].includes(fingerprint(standing))) return
    meanwhile(standing)
    throw problem(
      "conflict",
      "This was changed after you opened it, in another tab or by somebody else. What you typed is still here; save it again to replace what stands there now.",
    )
  }
}
