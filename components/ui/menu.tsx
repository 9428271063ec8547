"use client"

import { type ReactNode, useEffect, useRef } from "react"

export type MenuProps = {
  /** What the trigger opens, for screen readers. */
  label: string
  trigger: ReactNode
  align?: "left" | "right"
  className?: string
  triggerClassName?: string
  panelClassName?: string
  children: ReactNode
}

/** Native details, so that it works without scripts; with them, Escape, a click outside or a choice closes it. */
export function Menu({
  label,
  trigger,
  align = "right",
  className = "",
  triggerClassName = "",
  panelClassName = "w-60",
  children,
}: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null)

  useEffect(() => {
    const close = () => details.current?.removeAttribute("open")
    const outside = (event: Event) => {
      if (details.current?.open && !details.current.contains(event.target as Node)) close()
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !details.current?.open) return
      const within = details.current.contains(document.activeElement)
      close()
      if (within) details.current.querySelector("summary")?.focus()
    }
    document.addEventListener("pointerdown", outside)
    document.addEventListener("focusin", outside)
    document.addEventListener("keydown", escape)
    return () => {
      document.removeEventListener("pointerdown", outside)
      document.removeEventListener("focusin", outside)
      document.removeEventListener("keydown", escape)
    }
  }, [])

  return (
    <details
      ref={details}
      className={`relative ${className}`}
      onClick={(event) => {
        if ((event.target as Element).closest("a")) details.current?.removeAttribute("open")
      }}
    >
      <summary className={`flex items-center ${triggerClassName}`}>
        <span className="sr-only">{label}</span>
        {trigger}
      </summary>
      <div
        className={`absolute top-full z-20 mt-2 max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-surface p-1.5 shadow-float ${align === "right" ? "right-0" : "left-0"} ${panelClassName}`}
      >
        {children}
      </div>
    </details>
  )
}
