"use client"

import { type ReactNode, useEffect, useRef } from "react"

/** A row of tabs. If it is wider than the screen, it scrolls to the current one, which is the link to `current`. */
export function TabRow({ current, children }: { current: string; children: ReactNode }) {
  const row = useRef<HTMLUListElement>(null)

  useEffect(() => {
    const tab = row.current!.querySelector(`[href="${CSS.escape(current)}"]`)
    if (tab) row.current!.scrollLeft += middleOf(tab) - middleOf(row.current!)
  }, [current])

  return (
    <ul ref={row} className="-mb-px flex gap-1 overflow-x-auto">
      {children}
    </ul>
  )
}

function middleOf(element: Element) {
  const { left, width } = element.getBoundingClientRect()
  return left + width / 2
}
