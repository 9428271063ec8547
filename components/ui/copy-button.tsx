"use client"

import { useEffect, useState } from "react"
import { CheckIcon, CopyIcon } from "./icons"

export type CopyButtonProps = {
  text: string
  /** The label for screen readers: "Copy the token". */
  label?: string
  /** Shows a text beside the icon: "Copy", or the one given. Without, only a failure is shown in words. */
  worded?: boolean | string
  className?: string
}

export function CopyButton({ text, label = "Copy", worded, className = "" }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"Copied" | "Copying failed" | null>(null)

  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(null), outcome === "Copied" ? 2000 : 6000)
    return () => clearTimeout(timer)
  }, [outcome])

  const failed = outcome === "Copying failed"
  return (
    <>
      <button
        type="button"
        aria-label={label}
        title={worded ? undefined : label}
        onClick={async () => setOutcome((await copy(text)) ? "Copied" : "Copying failed")}
        className={`inline-flex h-8 min-w-8 items-center justify-center gap-1.5 rounded-md px-1.5 text-sm text-muted transition-colors hover:bg-hover hover:text-text noscript:hidden print:hidden ${className}`}
      >
        {outcome === "Copied" ? <CheckIcon size={16} className="text-accent" /> : <CopyIcon size={16} />}
        {(worded || failed) && (
          <span className={failed ? "whitespace-nowrap text-danger" : ""}>
            {outcome ?? (worded === true ? "Copy" : worded)}
          </span>
        )}
      </button>
      <span role="status" className="sr-only">
        {outcome}
      </span>
    </>
  )
}

async function copy(text: string) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

// Browsers have no clipboard API on pages served over HTTP.
function copyBySelection(text: string) {
  const focused = document.activeElement
  const area = document.createElement("textarea")
  area.value = text
  area.readOnly = true
  area.className = "sr-only"
  document.body.append(area)
  area.select()
  const copied = document.execCommand("copy")
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return copied
}
