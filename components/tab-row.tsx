"use client"

import { type ReactNode, useEffect, useRef } from "react"

/** A row of links, the current one marked. Where it is too long for the screen, it scrolls to that one. */
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
