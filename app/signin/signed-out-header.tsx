"use client"

import { useRouter } from "next/navigation"
import { useEffect } from "react"

/**
 * Nobody is signed in here. A header that came with an earlier page, when somebody still was, is fetched again.
 */
export function SignedOutHeader() {
  const router = useRouter()
  useEffect(() => {
    if (document.querySelector(`header a[href="/account"]`)) router.refresh()
  }, [router])
  return null
}
