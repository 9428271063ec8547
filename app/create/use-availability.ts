"use client"

import { useEffect, useState } from "react"

import type { Availability } from "@/lib/models/availability"
import { isModelName } from "@/lib/models/name"

export type NameStatus = Availability | { status: "idle" | "checking" | "unknown" }

const pause = 400

let held = false

/**
 * Checks whether a name is available once typing pauses, and again after a refusal. Only the answer for the current
 * owner and name counts.
 */
export function useAvailability(owner: string, name: string, refused: boolean): NameStatus {
  const asked = `${owner}/${name}`
  const askable = owner !== "" && isModelName(name)
  const [settled, setSettled] = useState<{ asked: string; status: NameStatus } | null>(null)

  useEffect(() => {
    const hold = () => (held = true)
    const release = () => (held = false)
    window.addEventListener("pointerdown", hold, true)
    window.addEventListener("pointerup", release, true)
    window.addEventListener("pointercancel", release, true)
    return () => {
      release()
      window.removeEventListener("pointerdown", hold, true)
      window.removeEventListener("pointerup", release, true)
      window.removeEventListener("pointercancel", release, true)
    }
  }, [])

  useEffect(() => {
    if (!askable) return
    const leaving = new AbortController()
    const timer = setTimeout(
      async () => {
        const status = await ask(owner, name, leaving.signal)
        // The answer takes space. Shown between press and release, it would move the button away from the pointer.
        while (held && !leaving.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50))
        if (!leaving.signal.aborted) setSettled({ asked, status })
      },
      refused ? 0 : pause,
    )
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [askable, asked, owner, name, refused])

  if (!askable) return { status: "idle" }
  return settled?.asked === asked ? settled.status : { status: "checking" }
}

async function ask(owner: string, name: string, signal: AbortSignal): Promise<NameStatus> {
  try {
    const response = await fetch(`/api/web/model-name?${new URLSearchParams({ owner, name })}`, { signal })
    return response.ok ? await response.json() : { status: "unknown" }
  } catch {
    return { status: "unknown" }
  }
}
