"use client"

import { useState } from "react"

import { useScripts } from "./use-scripts"

/** What an element of the page's HTML holds when hydration begins, before React resets it; null after that. */
export function useEarly<T>(id: string, read: (element: HTMLElement) => T): T | null {
  const scripts = useScripts()
  const [early] = useState(() => {
    const element = scripts || typeof document === "undefined" ? null : document.getElementById(id)
    return element ? read(element) : null
  })
  return early
}
