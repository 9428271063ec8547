"use client"

import { usePush } from "./push-watch"

/** Says whether anybody has pulled the image, updated live. */
export function PulledNote({ pulled: before }: { pulled: boolean }) {
  const { pulled } = usePush()
  return (
    <p role="status" className="text-sm text-muted">
      {before || pulled ? "The image was pulled." : "Nobody has pulled the image yet."}
    </p>
  )
}
