"use client"

import { useRouter } from "next/navigation"
import { useEffect, useRef } from "react"

/** Refreshes the page when the run that it shows ends, for what depends on that: actions, links and the state. */
export function useRefreshAtEnd(over: boolean) {
  const router = useRouter()
  const before = useRef(over)
  useEffect(() => {
    if (over && !before.current) router.refresh()
    before.current = over
  }, [over, router])
}
