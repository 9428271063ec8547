"use client"

import { startTransition, type SyntheticEvent, useEffect, useRef, useState, useSyncExternalStore } from "react"
import { type FieldValues, type Path, type Resolver, useForm } from "react-hook-form"

import type { FormState } from "@/lib/next/form"
import { useFormAction } from "./use-form-action"

type Options<S, T> = {
  /** Fields in the order in which errors are focused; those of the initial values unless given. */
  fields?: readonly Path<T>[]
  /** Validates in the browser before anything is sent; without it only the server validates. */
  resolver?: Resolver<T & FieldValues>
  /** What the fields hold, where that differs from the texts of the state. */
  defaults?: (state: Awaited<S>) => T
  /** The revision of the initial values, if several people may save them at the same time. */
  revision?: string
  /** Empties the form after success. */
  reset?: boolean
}

/**
 * A form of ours: what was typed stays, errors of browser and server stand beside their fields until those change, the
 * focus moves to the first of them or to the notice, and a double click is sent once. Works without scripts. Inputs may
 * be registered (`text`, `form.register`) or plain.
 */
export function useActionForm<S extends FormState, T extends FieldValues = S["values"]>(
  action: (state: Awaited<S>, form: FormData) => Promise<S>,
  initial: Awaited<S>,
  { fields, resolver, defaults, revision, reset = false }: NoInfer<Options<S, T>> = {},
) {
  const [state, send, pending] = useFormAction(action, initial)
  const defaultValues = defaults ? defaults(state) : (state.values as unknown as T)
  // Not on blur: an error that appears between press and release would move the button away from the pointer.
  const form = useForm<T>({ resolver: resolver as never, defaultValues: defaultValues as never, mode: "onSubmit" })
  const [order] = useState(() => fields ?? (Object.keys(initial.values) as Path<T>[]))
  // The page may re-render while the form is edited: what counts is the revision it was filled with.
  const [filledWith, setFilledWith] = useState(revision ?? initial.revision)
  const element = useRef<HTMLFormElement>(null)
  const notice = useRef<HTMLDivElement>(null)
  const shown = useRef<S | null>(null)
  const scriptsRun = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
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
    // Nothing else takes back the server's errors of plain inputs, and they would hold the form back for good.
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
    /** Sets the revision after the form was filled again, from a draft. */
    setRevision: setFilledWith,
    /** What is wrong with each registered field; right too on the page that a form without scripts gets. */
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

const never = () => () => {}

/** The visible control of a field; of a group the first. */
const fieldIn = (form: HTMLFormElement | null, name: string): HTMLElement | undefined => {
  const named = form ? [...form.elements].filter((control) => control.getAttribute("name") === name) : []
  return named.find(
    (control): control is HTMLElement => !(control instanceof HTMLInputElement && control.type === "hidden"),
  )
}
