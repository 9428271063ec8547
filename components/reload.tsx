"use client"

import { useRouter } from "next/navigation"
import { useEffect } from "react"

/** Refreshes the page every `every` seconds while it is visible. */
export function Reload({ every }: { every: number }) {
  const router = useRouter()
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && router.refresh(), every * 1000)
    return () => clearInterval(timer)
  }, [router, every])
  return null
}
