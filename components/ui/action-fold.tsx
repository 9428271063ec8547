"use client"

import { type ReactNode, useState } from "react"

type Props = {
  /** What is done here, with an ellipsis: "Rename…". */
  label: string
  /** Unfolded whatever was pressed, because the answer to the form inside it is to be seen. */
  forced?: boolean
  /** At the right of the title of its `relative` section, where there is room. */
  corner?: boolean
  children: ReactNode
}

/** A button that unfolds what it takes to do something. Native details, so that it works without scripts. */
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
