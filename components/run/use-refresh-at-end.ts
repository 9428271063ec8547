"use client"

import { useRouter } from "next/navigation"
import { useEffect, useRef } from "react"

/** Milliseconds after a run has ended in which its instance becomes idle, and the estimate of the next run is new. */
const untilIdle = 2000

/** Refreshes the page when the run that it shows ends, for what depends on that: actions, links and the state. */
export function useRefreshAtEnd(over: boolean) {
  const router = useRouter()
  const before = useRef(over)
  useEffect(() => {
    const ended = over && !before.current
    before.current = over
    if (!ended) return
    router.refresh()
    const timer = setTimeout(() => router.refresh(), untilIdle)
    return () => clearTimeout(timer)
  }, [over, router])
}
