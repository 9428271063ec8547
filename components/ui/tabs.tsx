"use client"

import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react"

export type TabsProps = {
  /** The name of the group, such as "Language". */
  label: string
  tabs: { id: string; label: string; panel: ReactNode }[]
  initial?: string
  className?: string
}

/** Tabs. All panels are in the page; without scripts, they are stacked, each under its name. */
export function Tabs({ label, tabs, initial, className = "" }: TabsProps) {
  const base = useId()
  const buttons = useRef<(HTMLButtonElement | null)[]>([])
  const [selected, setSelected] = useState(initial ?? tabs[0]?.id)

  function moveTo(event: KeyboardEvent) {
    const now = tabs.findIndex((tab) => tab.id === selected)
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: -1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const at = (next + tabs.length) % tabs.length
    setSelected(tabs[at]?.id)
    buttons.current[at]?.focus()
  }

  return (
    <div className={className}>
      <div
        role="tablist"
        aria-label={label}
        onKeyDown={moveTo}
        className="flex gap-1 overflow-x-auto px-2 shadow-[inset_0_-1px_var(--line)] noscript:hidden"
      >
        {tabs.map((tab, at) => (
          <button
            key={tab.id}
            ref={(button) => {
              buttons.current[at] = button
            }}
            type="button"
            role="tab"
            id={`${base}-tab-${tab.id}`}
            aria-controls={`${base}-panel-${tab.id}`}
            aria-selected={tab.id === selected}
            tabIndex={tab.id === selected ? 0 : -1}
            onClick={() => setSelected(tab.id)}
            className="min-h-10 shrink-0 border-b-2 border-transparent px-2 text-sm whitespace-nowrap text-muted transition-colors hover:text-text focus-visible:-outline-offset-2 aria-selected:border-accent aria-selected:font-semibold aria-selected:text-text forced-colors:border-[Canvas] forced-colors:aria-selected:border-[Highlight]"
          >
            {tab.label}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.id}
          role="tabpanel"
          id={`${base}-panel-${tab.id}`}
          aria-labelledby={`${base}-tab-${tab.id}`}
          className={tab.id === selected ? "" : "hidden noscript:block"}
        >
          <p aria-hidden="true" className="hidden px-4 pt-3 font-semibold noscript:block">
            {tab.label}
          </p>
          {tab.panel}
        </div>
      ))}
    </div>
  )
}
