"use client"

import { useLayoutEffect, useRef, type ComponentProps } from "react"

import { TextArea } from "@/components/ui/field"
import { useEarly } from "@/components/use-early"

/** A text area that keeps what was typed before hydration, which React would reset to the text of the HTML. */
export function EarlyTextArea({ id, ...rest }: ComponentProps<typeof TextArea> & { id: string }) {
  const early = useEarly(id, (element) => (element as HTMLTextAreaElement).value)
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    if (early !== null && area.current && area.current.value !== early) area.current.value = early
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  return <TextArea {...rest} id={id} ref={area} />
}
