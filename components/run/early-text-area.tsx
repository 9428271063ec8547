"use client"

import { useLayoutEffect, useRef, useState, useSyncExternalStore, type ComponentProps } from "react"

import { TextArea } from "@/components/ui/field"

/** A text area that keeps what was typed before hydration, which React would reset to the text of the HTML. */
export function EarlyTextArea({ id, ...rest }: ComponentProps<typeof TextArea> & { id: string }) {
  const hydrating = useSyncExternalStore(
    never,
    () => false,
    () => true,
  )
  const [early] = useState(() => (hydrating && typeof document !== "undefined" ? textIn(id) : undefined))
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    if (early !== undefined && area.current && area.current.value !== early) area.current.value = early
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  return <TextArea {...rest} id={id} ref={area} />
}

const never = () => () => {}

function textIn(id: string): string | undefined {
  const element = document.getElementById(id)
  return element instanceof HTMLTextAreaElement ? element.value : undefined
}
