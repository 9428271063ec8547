"use client"

import { useRouter } from "next/navigation"
import { useEffect } from "react"

/** For pages of signed-out visitors: refreshes the header if an earlier page rendered it for a signed-in user. */
export function SignedOutHeader() {
  const router = useRouter()
  useEffect(() => {
    if (document.querySelector(`header a[href="/account"]`)) router.refresh()
  }, [router])
  return null
}
