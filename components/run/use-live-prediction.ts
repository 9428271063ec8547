"use client"

import { useEffect, useState } from "react"

import type { PredictionBody } from "@/lib/models/prediction-body"
import type { RunProgress } from "@/lib/predictions/progress"
import { joinSince, type ShownSince } from "@/lib/predictions/since"

/** Milliseconds between polls, with and without an event stream. */
const pause = { streaming: 1000, polling: 400 }

export const isOver = (status: PredictionBody["status"]): boolean => !["starting", "processing"].includes(status)

/**
 * A prediction with live updates: growing text comes from its event stream, everything else is polled. A lost
 * connection is retried, and the stream resumes where it stopped.
 */
export function useLivePrediction(initial: PredictionBody, first: RunProgress | null, growsAsText: boolean) {
  const [shown, setShown] = useState({ prediction: initial, progress: first })
  const [text, setText] = useState("")
  const [isLost, setLost] = useState(false)
  const { id } = initial
  const over = isOver(shown.prediction.status)
  const stream = growsAsText ? initial.urls.stream : undefined

  useEffect(() => {
    if (over) return
    const leaving = new AbortController()
    let look = () => {}
    let seen = ""
    void (async () => {
      while (!leaving.signal.aborted) {
        await new Promise<void>((resolve) => {
          look = resolve
          setTimeout(resolve, stream ? pause.streaming : pause.polling)
        })
        try {
          const address = `/api/web/predictions/${id}?seen=${encodeURIComponent(seen)}`
          const response = await fetch(address, { signal: leaving.signal, cache: "no-store" })
          if (!response.ok) throw new Error(String(response.status))
          const now = (await response.json()) as ShownSince
          seen = now.seen
          setLost(false)
          setShown((before) => joinSince(before, now))
          if (isOver(now.prediction.status)) return
        } catch {
          if (leaving.signal.aborted) return
          setLost(true)
          await new Promise((resolve) => setTimeout(resolve, 2000))
        }
      }
    })()
    const events = stream ? listen(stream, setText, () => look()) : undefined
    return () => {
      leaving.abort()
      events?.close()
    }
  }, [id, over, stream])

  const setPrediction = (prediction: PredictionBody) => setShown((before) => ({ ...before, prediction }))
  return { ...shown, setPrediction, text, isLost }
}

function listen(stream: string, setText: (next: (now: string) => string) => void, ended: () => void): EventSource {
  // Only the path, because the page may have been opened under another host than that of the URL.
  const events = new EventSource(new URL(stream).pathname)
  let heard = 0
  events.addEventListener("output", ({ data, lastEventId }: MessageEvent<string>) => {
    const position = Number(lastEventId.split(":")[1])
    if (position <= heard) return
    heard = position
    setText((now) => now + data)
  })
  events.addEventListener("done", () => {
    events.close()
    ended()
  })
  return events
}
