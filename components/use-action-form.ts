"use client"

import { startTransition, type SyntheticEvent, useEffect, useRef, useState } from "react"
import { type FieldValues, type Path, type Resolver, useForm } from "react-hook-form"

import type { FormState } from "@/lib/next/form"
import { useFormAction } from "./use-form-action"
import { useScripts } from "./use-scripts"

type Options<S, T> = {
  /** Fields in the order in which errors are focused; by default, those of the initial values. */
  fields?: readonly Path<T>[]
  /** Validates in the browser before submitting; without it, only the server validates. */
  resolver?: Resolver<T & FieldValues>
  /** The default values of the fields, if they differ from `values` in the state. */
  defaults?: (state: Awaited<S>) => T
  /** The revision of the initial values, if several people may edit them. */
  revision?: string
  /** Clears the form after success. */
  reset?: boolean
}

/**
 * The state of a form with a server action, which also works without scripts. What was typed stays; errors of browser
 * and server belong to their fields until those change; the first one, or else the notice, gets the focus; a double
 * click submits once. Inputs may be registered (`text`, `form.register`) or plain.
 */
export function useActionForm<S extends FormState, T extends FieldValues = S["values"]>(
  action: (state: Awaited<S>, form: FormData) => Promise<S>,
  initial: Awaited<S>,
  { fields, resolver, defaults, revision, reset = false }: NoInfer<Options<S, T>> = {},
) {
  const [state, send, pending] = useFormAction(action, initial)
  const defaultValues = defaults ? defaults(state) : (state.values as unknown as T)
  // Not on blur: an error that appears while a button is pressed would move it away from under the pointer.
  const form = useForm<T>({ resolver: resolver as never, defaultValues: defaultValues as never, mode: "onSubmit" })
  const [order] = useState(() => fields ?? (Object.keys(initial.values) as Path<T>[]))
  // The page may refresh while the form is edited, so the revision it was filled with is kept.
  const [filledWith, setFilledWith] = useState(revision ?? initial.revision)
  const element = useRef<HTMLFormElement>(null)
  const notice = useRef<HTMLDivElement>(null)
  const shown = useRef<S | null>(null)
  const scriptsRun = useScripts()
  const { errors, isDirty } = form.formState

  useEffect(() => {
    if (shown.current === state) return
    shown.current = state
    const refused = order.filter((field) => state.fields[field])
    if (state === initial && !refused.length && !state.detail) return
    // Saved values are no longer dirty.
    if (state.ok) form.reset(state.values as never)
    if (state.ok && reset) element.current?.reset()
    for (const field of refused) form.setError(field, { type: "server", message: state.fields[field] })
    const first = refused[0] && fieldIn(element.current, refused[0])
    const control = first ?? element.current?.querySelector<HTMLElement>("[aria-invalid]")
    ;(control ?? notice.current)?.focus()
    // The initial state was never submitted.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [form, state, order])

  function submit(event: SyntheticEvent<HTMLFormElement, SubmitEvent>) {
    event.preventDefault()
    if (pending) return
    const sent = new FormData(event.currentTarget, event.nativeEvent.submitter)
    // Server errors of plain inputs are cleared nowhere else, and would block every further submit.
    if (!resolver) form.clearErrors()
    void form.handleSubmit(() => startTransition(() => send(sent)))(event)
  }

  const firstProblem = order.find((field) => state.fields[field])
  return {
    form,
    state,
    pending,
    notice,
    element,
    revision: state.revision ?? filledWith,
    /** Sets the revision, after a draft with a revision of its own was restored. */
    setRevision: setFilledWith,
    /** The error of each field. Without scripts, those that the server rendered. */
    complaints: Object.fromEntries(
      order.map((field) => {
        const live = errors[field]?.message
        return [field, typeof live === "string" ? live : scriptsRun ? undefined : state.fields[field]]
      }),
    ) as Partial<Record<Path<T>, string>>,
    saved: state.ok && !isDirty,
    /** Props of the form element. */
    props: { ref: element, action: send, onSubmit: submit, noValidate: true },
    /** Props of a text input. */
    text: (field: Path<T>) => ({
      ...form.register(field),
      defaultValue: String(defaultValues[field]),
      autoFocus: state.detail !== "" && field === firstProblem,
    }),
  }
}

/** The first visible control with a name. */
const fieldIn = (form: HTMLFormElement | null, name: string): HTMLElement | undefined => {
  const named = form ? [...form.elements].filter((control) => control.getAttribute("name") === name) : []
  return named.find(
    (control): control is HTMLElement => !(control instanceof HTMLInputElement && control.type === "hidden"),
  )
}
