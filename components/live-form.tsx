"use client"

import { useRouter } from "next/navigation"
import { type ReactNode, useEffect, useRef, useTransition } from "react"

import { wasEdited } from "./was-edited"

type Props = {
  /** The page of the form, with or without scripts. */
  action: string
  /** The current values, as the form would send them. */
  query: string
  /** The controls, with the current values as defaults. */
  children: ReactNode
  results: ReactNode
  className?: string
}

const pause = 250

/**
 * A GET form with its results below. With scripts, it submits while the user types, which updates the URL. Old results
 * stay until new ones arrive.
 */
export function LiveForm({ action, query, children, results, className }: Props) {
  const router = useRouter()
  const [pending, startTransition] = useTransition()
  const form = useRef<HTMLFormElement>(null)
  const asked = useRef(query)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  // Back, forward and links that remove a filter change the URL; the controls follow, unless the user is typing.
  useEffect(() => {
    if (pending || timer.current !== undefined || query === asked.current) return
    asked.current = query
    show(form.current!, new URLSearchParams(query))
  }, [query, pending])

  // Submits what was typed and chosen before the scripts loaded.
  useEffect(() => {
    if (wasEdited(form.current!)) askSoon()
    return () => clearTimeout(timer.current)
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  function ask() {
    clearTimeout(timer.current)
    timer.current = undefined
    const next = queryOf(form.current!)
    if (next === asked.current) return
    asked.current = next
    startTransition(() => router.replace(next ? `${action}?${next}` : action, { scroll: false }))
  }

  function askSoon() {
    clearTimeout(timer.current)
    timer.current = setTimeout(ask, pause)
  }

  return (
    <>
      <search>
        <form
          ref={form}
          action={action}
          className={className}
          onSubmit={(event) => {
            event.preventDefault()
            ask()
          }}
          onInput={(event) => (isTyped(event.target) ? askSoon() : ask())}
        >
          {children}
        </form>
      </search>
      <div aria-busy={pending} className={`transition-opacity ${pending ? "opacity-60 delay-150" : ""}`}>
        {results}
      </div>
    </>
  )
}

const isTyped = (element: EventTarget): element is HTMLInputElement =>
  element instanceof HTMLInputElement && !["checkbox", "radio", "hidden"].includes(element.type)

/** The query of the form, without blank values. */
function queryOf(form: HTMLFormElement): string {
  const kept = [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" && value.trim() ? [[name, value.trim()]] : [],
  )
  return new URLSearchParams(kept).toString()
}

function show(form: HTMLFormElement, query: URLSearchParams) {
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && control.type === "checkbox")
      control.checked = query.get(control.name) === control.value
    else if ((control instanceof HTMLInputElement && control.type !== "hidden") || control instanceof HTMLSelectElement)
      control.value = query.get(control.name) ?? ""
  }
}
