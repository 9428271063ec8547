"use client"

import { type ReactNode, useState } from "react"

type Props = {
  /** The action, with an ellipsis: "Rename…". */
  label: string
  /** Keeps it unfolded, so that the outcome of its form is visible. */
  forced?: boolean
  /** Places the button to the right of the section's title on wide screens. The section must be `relative`. */
  corner?: boolean
  children: ReactNode
}

/** A button that unfolds a form. Native details, so that it works without scripts. */
export function ActionFold({ label, forced = false, corner = false, children }: Props) {
  const [opened, setOpened] = useState(false)
  return (
    <details open={opened || forced || undefined} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary
        className={`inline-flex min-h-10.5 items-center rounded-md border border-field bg-surface px-4 py-2 font-semibold transition-colors hover:bg-hover ${corner ? "sm:absolute sm:top-(--fold-top,0) sm:right-(--fold-right,0)" : ""}`}
      >
        {label}
      </summary>
      <div className="pt-4">{children}</div>
    </details>
  )
}
