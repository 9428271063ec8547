import type { Explored } from "@/lib/models/explore"
import type { Asked } from "./filters"

/** Matches beyond this number are not counted. */
const most = 500

/** The number of models on the page, announced to screen readers when it changes. */
export function countInWords(
  { rows, next, previous, total }: Pick<Explored, "rows" | "next" | "previous" | "total">,
  { q }: Pick<Asked, "q">,
): string {
  const match = q ? ` ${total === 1 ? "matches" : "match"} “${q}”` : ""
  if (rows.length === 0) return q ? `No model matches “${q}”` : "No models"
  if (total !== null) {
    const all = total >= most && q ? `The best ${most} models that` : models(total)
    const part = next || previous ? `, ${rows.length} of them on this page` : ""
    return `${all}${match}${part}`
  }
  return `${models(rows.length)}${next ? " on this page, and more on the next" : previous ? " on this page, the last" : ""}`
}

export const models = (count: number) => (count === 1 ? "1 model" : `${count.toLocaleString("en-US")} models`)
