"use client"

import { useLayoutEffect, useRef, useState } from "react"

/** The text of a box, and what was typed into it before scripts ran. */
export function useText(initial: string) {
  const [text, setText] = useState(initial)
  const box = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (box.current) setText(box.current.value)
  }, [])
  return { text, setText, box }
}
