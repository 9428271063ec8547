"use client"

import { useEffect, useRef, useState } from "react"

/** The description of a model: its first three lines, and the rest on demand. Without scripts, all of it is shown. */
export function Description({ text }: { text: string }) {
  const paragraph = useRef<HTMLParagraphElement>(null)
  const [isLong, setLong] = useState(false)
  const [open, setOpen] = useState(false)

  useEffect(() => {
    const element = paragraph.current!
    // An open description is not cut off, so it cannot be measured.
    const measure = () => open || setLong(element.scrollHeight > element.clientHeight + 1)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [open])

  // The button floats at the end of the third line, below an empty float as high as the lines above, so that text wraps
  // around it. When it moves below the last line, it stays first in the DOM, to keep the focus.
  const cut =
    "max-h-[3lh] overflow-hidden before:float-end before:-mb-[1lh] before:h-full before:content-[''] noscript:max-h-none print:max-h-none"
  return (
    <div className="flex max-w-2xl text-lg text-muted">
      <p ref={paragraph} dir="auto" className={`relative min-w-0 wrap-anywhere ${open ? "pb-[1lh]" : cut}`}>
        {isLong && (
          <button
            type="button"
            dir="ltr"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className={`link rounded-sm print:hidden ${open ? "absolute start-0 bottom-0" : "float-end clear-both pl-1"}`}
          >
            {!open && <span aria-hidden="true">… </span>}
            <span>{open ? "less" : "more"}</span>
          </button>
        )}
        <span>{text}</span>
      </p>
    </div>
  )
}
