"use client"

import { useEffect, useState } from "react"

import type { SuggestedModel } from "./commands"

type Answer = { typed: string; models: SuggestedModel[]; failed: boolean }

const pause = 150

/**
 * Models for the current text. Until its results arrive, the previous ones stay; an old response never replaces a
 * newer one.
 */
export function useSuggestions(typed: string) {
  const [latest, setLatest] = useState<Answer | null>(null)

  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(
      async () => {
        const models = await ask(typed, leaving.signal)
        if (!leaving.signal.aborted) setLatest({ typed, models: models ?? [], failed: models === null })
      },
      typed ? pause : 0,
    )
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [typed])

  return { models: latest?.models ?? [], failed: latest?.failed ?? false, asking: latest?.typed !== typed }
}

async function ask(typed: string, signal: AbortSignal): Promise<SuggestedModel[] | null> {
  try {
    const response = await fetch(`/api/web/suggestions?${new URLSearchParams({ q: typed })}`, { signal })
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}
