"use client"

import { Button } from "@/components/ui/button"
import { usdPerSecond } from "@/lib/hardware/price"
import type { CreateValues } from "./prefill"

type Props = { pending: boolean; values: CreateValues; price: string | undefined }

const SubmitButton = ({ pending, wide }: { pending: boolean; wide?: boolean }) => (
  <Button type="submit" form="create-model" variant="primary" wide={wide} pending={pending} pendingLabel="Creating…">
    Create model
  </Button>
)

/** On small screens: the submit button with a summary, at the bottom of the screen while the form is visible. */
export function SubmitBar({ pending, values, price }: Props) {
  const { owner, name, visibility } = values
  return (
    <div className="sticky bottom-0 z-10 -mx-4 flex items-center gap-3 border-t border-line bg-bg px-4 py-3 lg:hidden">
      <p className="min-w-0 flex-1 text-sm text-muted">
        <span className="block truncate font-mono text-xs text-text">
          {owner}/{name || "…"}
        </span>
        <span className="block truncate tabular-nums">
          <span>{visibility === "private" ? "Private" : "Public"}</span>
          {price !== undefined && <span> · {usdPerSecond(price)}/s</span>}
        </span>
      </p>
      <SubmitButton pending={pending} />
    </div>
  )
}

/** On large screens: the submit button above the summary beside the form. */
export const SubmitCard = ({ pending }: { pending: boolean }) => (
  <div className="mb-4 hidden lg:block">
    <SubmitButton pending={pending} wide />
    <p className="mt-1.5 text-center text-sm text-muted pointer-coarse:hidden noscript:hidden">
      or press <kbd>Ctrl</kbd> <kbd>Enter</kbd>
    </p>
  </div>
)
