"use client"

import { type ReactNode, useEffect, useRef } from "react"

/** A row of links of which one is current, by its address. Where the row is too long for the screen, it is scrolled to that one. */
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
