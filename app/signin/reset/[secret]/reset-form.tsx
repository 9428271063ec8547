"use client"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { setPasswordAction } from "./actions"

export function ResetForm({ secret, username }: { secret: string; username: string }) {
  const { state, pending, notice, props } = useActionForm(setPasswordAction, {
    ok: false,
    values: {},
    detail: "",
    fields: {},
  })
  return (
    <form {...props} className="grid gap-5">
      {state.detail && !state.fields.password && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <input type="hidden" name="secret" value={secret} />
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      <Field
        label="New password"
        id="password"
        error={state.fields.password}
        hint="At least 8 characters. All your browsers are signed out."
      >
        {(control) => <TextInput {...control} name="password" type="password" autoComplete="new-password" required />}
      </Field>
      <Button type="submit" variant="primary" wide pending={pending} pendingLabel="Setting…">
        Set password
      </Button>
    </form>
  )
}
