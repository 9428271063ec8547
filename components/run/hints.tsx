import type { Field, Kind, Shape } from "@/lib/versions/read-form"

const longestShown = 200

/** The hint of a field: description, bounds, pattern and default; undefined if it has none of them. */
export function hintOf(field: Field) {
  const { description, default: preset, kind } = field
  const bounds = boundsOf(field)
  if (!description && !bounds && !hasPattern(field) && preset === undefined) return undefined
  return (
    <>
      {description && <span className="block wrap-anywhere">{description}</span>}
      {bounds && <span className="block">{bounds}</span>}
      <Pattern shape={field} />
      {preset !== undefined && kind !== "choice" && (
        <span className="block">
          <span>Default: </span>
          <code className="text-xs wrap-anywhere">{preset.slice(0, longestShown)}</code>
        </span>
      )}
    </>
  )
}

/** The bounds of a value as a sentence; empty if it has none. */
export function boundsOf({ min, max, above, below, shortest, longest, kind }: Shape): string {
  const bounds = [
    min !== undefined && `${above ? "more than" : "at least"} ${min}`,
    max !== undefined && `${below ? "less than" : "at most"} ${max}`,
    shortest !== undefined && `at least ${amount(shortest, kind)}`,
    longest !== undefined && `at most ${amount(longest, kind)}`,
  ].filter(Boolean)
  return bounds.length === 0 ? "" : `${bounds.join(", ")}.`.replace(/^./, (c) => c.toUpperCase())
}

export const hasPattern = ({ pattern, items }: Shape): boolean => (pattern ?? items?.pattern) !== undefined

/** The pattern of a string, or of the strings in a list. */
export function Pattern({ shape: { pattern, items } }: { shape: Shape }) {
  const shown = pattern ?? items?.pattern
  if (shown === undefined) return null
  return (
    <span className="block">
      <span>{pattern === undefined ? "Pattern of each: " : "Pattern: "}</span>
      <code className="text-xs wrap-anywhere">
        {shown.length > longestShown ? `${shown.slice(0, longestShown)}…` : shown}
      </code>
    </span>
  )
}

const amount = (count: number, kind: Kind) => {
  const [one, many] = kind === "array" ? ["entry", "entries"] : ["character", "characters"]
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`
}
