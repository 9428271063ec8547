"use client"

import { useEffect, useState } from "react"

import type { Availability } from "@/lib/models/availability"
import { isModelName } from "@/lib/models/name"
import { untilReleased } from "./pointer"

export type NameStatus = Availability | { status: "idle" | "checking" | "unknown" }

const pause = 400

/** Endpoints that check names. */
const paths = { model: "/api/web/model-name", deployment: "/api/web/deployment-name" }
export type Named = keyof typeof paths

/**
 * Checks whether a name is available once typing pauses, and again after the server refused it, because somebody may
 * have taken it meanwhile. Responses for previous names are ignored.
 */
export function useAvailability(named: Named, owner: string, name: string, refused: boolean): NameStatus {
  const asked = `${owner}/${name}`
  const askable = owner !== "" && isModelName(name)
  const [latest, setLatest] = useState<{ asked: string; status: NameStatus } | null>(null)

  useEffect(() => {
    if (!askable) return
    const leaving = new AbortController()
    const timer = setTimeout(
      async () => {
        const status = await ask(paths[named], owner, name, leaving.signal)
        // A status that appears while a button is pressed would move it away from under the pointer.
        await untilReleased(leaving.signal)
        if (!leaving.signal.aborted) setLatest({ asked, status })
      },
      refused ? 0 : pause,
    )
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [askable, asked, named, owner, name, refused])

  if (!askable) return { status: "idle" }
  return latest?.asked === asked ? latest.status : { status: "checking" }
}

async function ask(path: string, owner: string, name: string, signal: AbortSignal): Promise<NameStatus> {
  try {
    const response = await fetch(`${path}?${new URLSearchParams({ owner, name })}`, { signal })
    return response.ok ? await response.json() : { status: "unknown" }
  } catch {
    return { status: "unknown" }
  }
}
