"use client"

import { type ComponentProps, type ReactNode } from "react"
import { useFormStatus } from "react-dom"

import type { FormState } from "@/lib/next/form"
import { Button } from "./ui/button"
import { ErrorIcon } from "./ui/icons"
import { useFormAction } from "./use-form-action"

export type FormAction = (state: FormState, form: FormData) => Promise<FormState>

const fresh: FormState = { ok: false, values: {}, detail: "", fields: {} }

/** A form with one button. On success its action redirects; an error is shown below. */
export function ActionForm({
  action,
  className,
  children,
}: {
  action: FormAction
  className?: string
  children: ReactNode
}) {
  const [state, send] = useFormAction(action, fresh)
  const complaint = Object.values(state.fields)[0] ?? state.detail
  return (
    <form action={send} className={className}>
      {children}
      {complaint && (
        <p role="alert" className="flex basis-full gap-1.5 text-sm font-medium text-danger">
          <ErrorIcon size={16} className="mt-0.5" />
          {complaint}
        </p>
      )}
    </form>
  )
}

/** The submit button of the surrounding form; shows that the form is pending. */
export function SubmitButton(props: ComponentProps<typeof Button>) {
  const { pending } = useFormStatus()
  return <Button type="submit" pending={pending} {...props} />
}
