"use client"

import { useRouter } from "next/navigation"
import { useEffect } from "react"

/** Shows the page as it is by then, every so many seconds, as long as somebody looks at it. */
export function Reload({ every }: { every: number }) {
  const router = useRouter()
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && router.refresh(), every * 1000)
    return () => clearInterval(timer)
  }, [router, every])
  return null
}
