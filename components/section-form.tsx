"use client"

import type { ComponentProps, ReactNode, RefObject } from "react"

import { CurrentValues } from "@/components/current-values"
import { Button, type ButtonVariant } from "@/components/ui/button"
import { CheckIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import type { FormState } from "@/lib/next/form"

type Values = Record<string, string>

type SectionFormProps<V extends Values> = {
  /** The result of `useActionForm`. */
  section: {
    state: FormState<V>
    pending: boolean
    saved: boolean
    revision: string | undefined
    notice: RefObject<HTMLDivElement | null>
    props: ComponentProps<"form">
  }
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
  /** Content beside the button. */
  beside?: ReactNode
  className?: string
  children?: ReactNode
}

/** A settings section with its own form, errors and saved state. */
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
  const { state, pending, notice, saved, revision, props } = section
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
    <form {...props} className={`grid grid-cols-[minmax(0,1fr)] gap-5 ${className}`}>
      {revision !== undefined && <input type="hidden" name="revision" value={revision} />}
      {Object.entries(hidden ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {refused.length > 0 && (
        <div ref={notice} tabIndex={-1} className="col-span-full rounded-lg">
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
