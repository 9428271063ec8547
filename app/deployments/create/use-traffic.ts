"use client"

import { useEffect, useState } from "react"

import type { Traffic } from "@/lib/deployments/estimate"

const pause = 400

/**
 * An account's recent traffic to a model: `initial` for the first owner and model, fetched once another owner or model
 * is entered.
 */
export function useTraffic(owner: string, model: string, initial: Traffic | null): Traffic | null {
  const asked = `${owner} ${model.trim()}`
  const [first] = useState(asked)
  const [known, setKnown] = useState<{ asked: string; traffic: Traffic | null }>({ asked, traffic: initial })

  useEffect(() => {
    if (asked === known.asked || !/^[^/\s]+\/[^/\s]+$/.test(model.trim())) return
    const leaving = new AbortController()
    const timer = setTimeout(async () => {
      const traffic = await ask(owner, model.trim(), leaving.signal)
      if (!leaving.signal.aborted) setKnown({ asked, traffic })
    }, pause)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [asked, known.asked, owner, model])

  return asked === known.asked ? known.traffic : asked === first ? initial : null
}

async function ask(owner: string, model: string, signal: AbortSignal): Promise<Traffic | null> {
  try {
    const response = await fetch(`/api/web/deployment-traffic?${new URLSearchParams({ owner, model })}`, { signal })
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}
