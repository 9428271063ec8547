import { hash } from "node:crypto"

import { problem } from "@/lib/problem"

/**
 * The revision of these values: a short hash. A form carries it, so that a save can tell whether somebody else has
 * saved since.
 */
export const revisionOf = (values: Record<string, string>): string =>
  hash("sha1", JSON.stringify(Object.entries(values).sort()), "base64url")

/** Called inside the transaction of a write with the row it is about to change; throws to refuse the change. */
export type Guard<Current> = (current: Current) => void

/**
 * Refuses a save when the row has changed since the form was loaded, unless it already equals what the form says. The
 * current values go to `onConflict`. An empty revision refuses nothing.
 */
export function unlessChanged<V extends Record<string, string>>(
  revision: string,
  values: V,
  onConflict: (current: V) => void = () => {},
): Guard<V> {
  return (current) => {
    if (!revision || [revision, revisionOf(values)].includes(revisionOf(current))) return
    onConflict(current)
    throw problem(
      "conflict",
      "This was changed after you opened it, in another tab or by somebody else. What you typed is still here; save again to replace the current version.",
    )
  }
}
