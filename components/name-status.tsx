"use client"

import { type ReactNode, useEffect, useState } from "react"

import { typingProblem } from "@/lib/models/name"
import { untilReleased } from "./pointer"
import type { Named, NameStatus as Status } from "./use-availability"

type Props = {
  named: Named
  availability: Status
  owner: string
  name: string
  /** The URL that it will have. */
  address: ReactNode
  put: (name: string) => void
}

/**
 * Whether a name is available, and the URL it will have. The keys make React replace each status as a whole, because
 * translation tools in browsers may have moved its text nodes.
 */
export function NameStatus({ named, availability, owner, name, address, put }: Props) {
  switch (availability.status) {
    case "free":
      return (
        <span key="free" className="block truncate">
          <span className="font-medium text-accent">Available.</span> {address}
        </span>
      )
    case "checking":
      return (
        <span key="checking" aria-hidden="true" className="block truncate">
          {address}
        </span>
      )
    case "unknown":
      return <span key="unknown">Availability could not be checked. You can still create the {named}.</span>
    case "taken":
      return (
        <span key="taken" className="flex flex-wrap gap-x-1.5">
          <span>
            <span className="font-medium text-danger">Taken.</span> <span>See </span>
            <a href={availability.path} className="link wrap-anywhere">
              {`${owner}/${name}`}
            </a>
            <span>.</span>
          </span>
          {availability.suggestions.length > 0 && <span>Available:</span>}
          {availability.suggestions.map((suggestion) => (
            <Offer key={suggestion} onClick={() => put(suggestion)}>
              <span className="font-mono text-xs">{suggestion}</span>
            </Offer>
          ))}
        </span>
      )
    default:
      return null
  }
}

/**
 * The problem with a name, half a second after it occurs; null if there is none. It never appears while a pointer is
 * pressed, because that would move the button away from under it.
 */
export function useTypingProblem(name: string): string | null {
  const problem = typingProblem(name)
  const [shown, setShown] = useState<string | null>(null)

  useEffect(() => {
    if (problem === null) return
    const leaving = new AbortController()
    const timer = setTimeout(async () => {
      await untilReleased(leaving.signal)
      if (!leaving.signal.aborted) setShown(problem)
    }, 500)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [problem])

  return problem === null ? null : shown === problem ? shown : null
}

/** A button that offers another name for the field. */
export const Offer = ({ onClick, children }: { onClick: () => void; children: ReactNode }) => (
  <button type="button" onClick={onClick} className="link min-h-6 max-w-full truncate rounded-sm">
    {children}
  </button>
)
