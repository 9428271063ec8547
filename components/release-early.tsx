"use client"

import { useEffect } from "react"

declare global {
  interface Window {
    /** In pages whose scripts are requested after the first paint; see lib/next/late-scripts.ts. */
    releaseEarly?: () => void
  }
}

/** Lets what was pressed before the page's scripts ran happen now. The last element, because effects run in order. */
export function ReleaseEarly() {
  useEffect(() => window.releaseEarly?.(), [])
  return null
}
