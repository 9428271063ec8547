"use client"

import { useRouter } from "next/navigation"
import { type ReactNode, useEffect } from "react"

/** The progress of an operation; refreshes the page while it is shown. */
export function Progress({ children }: { children: ReactNode }) {
  const router = useRouter()
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), 1500)
    return () => clearInterval(timer)
  }, [router])
  return (
    <p role="status" className="mt-1 text-sm font-medium text-accent">
      {children}
    </p>
  )
}
