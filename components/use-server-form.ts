"use client"

import { startTransition, type SyntheticEvent, useEffect, useRef, useState } from "react"

import type { FormState } from "@/lib/next/form"
import { useFormAction } from "./use-form-action"

/**
 * A form that only the server validates: what was typed stays, and the focus moves to the first invalid field or to
 * the notice. `reset` empties it after success.
 */
export function useServerForm<V extends Record<string, string>, S extends FormState<V> = FormState<V>>(
  action: (state: Awaited<S>, form: FormData) => Promise<S>,
  initial: Awaited<S>,
  { reset = false } = {},
) {
  const [state, send, pending] = useFormAction(action, initial)
  // The page may re-render while the form is edited: what counts is the revision it was filled with.
  const [filledWith] = useState(initial.revision)
  const element = useRef<HTMLFormElement>(null)
  const notice = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (state === initial) return
    if (state.ok && reset) element.current?.reset()
    const refused = element.current?.querySelector<HTMLElement>("[aria-invalid]")
    ;(refused ?? notice.current)?.focus()
    // The initial state was never submitted.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state])

  function submit(event: SyntheticEvent<HTMLFormElement, SubmitEvent>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget, event.nativeEvent.submitter)
    if (!pending) startTransition(() => send(form))
  }

  return {
    state,
    pending,
    notice,
    revision: state.revision ?? filledWith,
    form: { ref: element, action: send, onSubmit: submit, noValidate: true },
  }
}
