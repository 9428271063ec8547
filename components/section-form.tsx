"use client"

import { type ComponentProps, type ReactNode, startTransition, useEffect, useRef, useState } from "react"
import { type Path, type Resolver, type UseFormReturn, useForm } from "react-hook-form"

import { CurrentValues } from "@/components/current-values"
import { Button, type ButtonVariant } from "@/components/ui/button"
import { CheckIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { useRefusal } from "@/components/use-refusal"
import type { FormState } from "@/lib/next/form"
import { useFormAction } from "./use-form-action"

type Values = Record<string, string>

/**
 * A settings section with its own form, errors and saved state. `revision` is that of its initial values, if several
 * people may save them at the same time.
 */
export function useSectionForm<V extends Values>(
  action: (state: FormState<V>, form: FormData) => Promise<FormState<V>>,
  values: V,
  fields: readonly (keyof V & string)[],
  resolver?: Resolver<V>,
  revision?: string,
) {
  const [state, send, pending] = useFormAction(
    action as (state: FormState<V>, form: FormData) => Promise<Awaited<FormState<V>>>,
    {
      ok: false,
      values,
      detail: "",
      fields: {},
    } as Awaited<FormState<V>>,
  )
  // Not on blur: an error that appears between press and release would move the button away from the pointer.
  const form = useForm<V>({ resolver, defaultValues: state.values as never, mode: "onSubmit" })
  const { complaints, noticeRef } = useRefusal(form, state, fields as unknown as readonly Path<V>[])
  const element = useRef<HTMLFormElement>(null)
  // The page may re-render while the form is edited: what counts is the revision it was filled with.
  const [filledWith, setFilledWith] = useState(revision)
  const firstProblem = fields.find((field) => state.fields[field])

  useEffect(() => {
    // Saved values are no longer dirty.
    if (state.ok) form.reset(state.values as never)
  }, [state, form])

  return {
    form,
    state,
    pending,
    noticeRef,
    element,
    send,
    revision: state.revision ?? filledWith,
    /** Sets the revision after the form was filled again, from a draft. */
    setRevision: setFilledWith,
    complaints: complaints as Partial<Record<keyof V, string>>,
    saved: state.ok && !form.formState.isDirty,
    /** Props of an input of the form. */
    text: (field: keyof V & string) => ({
      ...form.register(field as unknown as Path<V>),
      defaultValue: state.values[field],
      autoFocus: state.detail !== "" && field === firstProblem,
    }),
  }
}

type SectionFormProps<V extends Values> = {
  section: ReturnType<typeof useSectionForm<V>>
  /** Hidden fields. */
  hidden?: Values
  label: string
  pendingLabel: string
  variant?: ButtonVariant
  disabled?: boolean
  /** The message after saving. */
  done?: ReactNode
  /** The labels of the fields. */
  labels?: Partial<Record<keyof V, string>>
  /** Beside the button. */
  beside?: ReactNode
  className?: string
  children?: ReactNode
}

export function SectionForm<V extends Values>({
  section,
  hidden,
  label,
  pendingLabel,
  variant = "secondary",
  disabled,
  done = "Saved.",
  labels,
  beside,
  className = "",
  children,
}: SectionFormProps<V>) {
  const { form, state, pending, noticeRef, element, send, saved, revision } = section
  const submit: ComponentProps<"form">["onSubmit"] = (event) => {
    event.preventDefault()
    if (pending) return
    void (form as unknown as UseFormReturn).handleSubmit(() =>
      startTransition(() => send(new FormData(element.current!))),
    )(event)
  }

  // Errors that belong to no field are shown above the form.
  const elsewhere = Object.entries(state.fields).flatMap(([field, complaint]) =>
    field in state.values ? [] : complaint,
  )
  const refused =
    state.detail === "" || Object.keys(state.fields).length > elsewhere.length
      ? []
      : elsewhere.length
        ? elsewhere
        : [state.detail]

  return (
    <form
      ref={element}
      action={send}
      noValidate
      onSubmit={submit}
      className={`grid grid-cols-[minmax(0,1fr)] gap-5 ${className}`}
    >
      {revision !== undefined && <input type="hidden" name="revision" value={revision} />}
      {Object.entries(hidden ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {refused.length > 0 && (
        <div ref={noticeRef} tabIndex={-1} className="rounded-lg">
          <Notice kind="danger" role="alert">
            {refused.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            <CurrentValues state={state} labels={labels} />
          </Notice>
        </div>
      )}
      {children}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" variant={variant} disabled={disabled} pending={pending} pendingLabel={pendingLabel}>
          {label}
        </Button>
        {beside}
        <p role="status" className="flex items-center gap-1.5 text-sm text-accent empty:hidden">
          {saved && (
            <>
              <CheckIcon size={16} />
              <span>{done}</span>
            </>
          )}
        </p>
      </div>
    </form>
  )
}
