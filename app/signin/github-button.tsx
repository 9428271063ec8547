"use client"

import { useState } from "react"

import { Button } from "@/components/ui/button"

/** Starts sign-in with GitHub. Needs scripts, because it first fetches a CSRF token. */
export function GithubButton({ next }: { next: string }) {
  const [leaving, setLeaving] = useState(false)

  async function leave() {
    setLeaving(true)
    const { signIn } = await import("next-auth/react")
    await signIn("github", { callbackUrl: next }).catch(() => setLeaving(false))
  }

  return (
    <div className="mt-5 grid gap-5 noscript:hidden">
      <div className="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </div>
      <Button wide pending={leaving} pendingLabel="Going to GitHub…" onClick={leave}>
        Sign in with GitHub
      </Button>
    </div>
  )
}
