"use client"

import { useLayoutEffect, useRef, useState } from "react"

/** The state of a text field, including what was typed before hydration. */
export function useText(initial: string) {
  const [text, setText] = useState(initial)
  const box = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (box.current) setText(box.current.value)
  }, [])
  return { text, setText, box }
}
