"use client"

import { useEffect, useRef, useSyncExternalStore } from "react"
import type { FieldValues, Path, UseFormReturn } from "react-hook-form"

type Refusal = { detail: string; fields: Record<string, string> }

/**
 * Shows a server's errors in a form: each beside its field until that changes, with the focus on the first, in the
 * order given. `complaints` is also right on the page that a form without scripts gets.
 */
export function useRefusal<T extends FieldValues>(form: UseFormReturn<T>, state: Refusal, order: readonly Path<T>[]) {
  const noticeRef = useRef<HTMLDivElement>(null)
  const shown = useRef<Refusal | null>(null)
  const scriptsRun = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  const { errors } = form.formState

  useEffect(() => {
    if (shown.current === state) return
    shown.current = state
    const refused = order.filter((field) => state.fields[field])
    for (const field of refused) form.setError(field, { type: "server", message: state.fields[field] })
    if (refused[0]) form.setFocus(refused[0])
    else if (state.detail) noticeRef.current?.focus()
  }, [form, state, order])

  const complaints = Object.fromEntries(
    order.map((field) => {
      const live = errors[field]?.message
      return [field, typeof live === "string" ? live : scriptsRun ? undefined : state.fields[field]]
    }),
  ) as Partial<Record<Path<T>, string>>

  return { complaints, noticeRef }
}

const never = () => () => {}
