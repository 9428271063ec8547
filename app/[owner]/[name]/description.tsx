"use client"

import { useEffect, useRef, useState } from "react"

/** The description of a model: its first three lines, and the rest on demand. Without scripts it is all there. */
export function Description({ text }: { text: string }) {
  const paragraph = useRef<HTMLParagraphElement>(null)
  const [isLong, setLong] = useState(false)
  const [open, setOpen] = useState(false)

  useEffect(() => {
    const element = paragraph.current!
    // While it is open, nothing is cut off that could be measured.
    const measure = () => open || setLong(element.scrollHeight > element.clientHeight + 1)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [open])

  // The button floats at the end of the third line, so that whole words make room for it: the empty float before it is
  // as high as the lines above. It stays first, and with it the focus, when it moves below the last line.
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
