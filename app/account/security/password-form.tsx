"use client"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { changePasswordAction } from "../actions"
import { Outcome } from "../profile-form"

export function PasswordForm({ hasPassword, username }: { hasPassword: boolean; username: string }) {
  const { state, pending, notice, props } = useActionForm(
    changePasswordAction,
    { ok: false, values: {}, detail: "", fields: {} },
    { reset: true },
  )
  return (
    <form {...props} className="grid gap-5">
      <Outcome state={state} notice={notice} saved="Password changed. All other browsers were signed out." />
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      {hasPassword && (
        <Field label="Current password" id="current" error={state.fields.current}>
          {(control) => (
            <TextInput {...control} name="current" type="password" autoComplete="current-password" required />
          )}
        </Field>
      )}
      <Field
        label="New password"
        id="password"
        error={state.fields.password}
        hint="At least 8 characters. All other browsers are signed out; API tokens keep working."
      >
        {(control) => <TextInput {...control} name="password" type="password" autoComplete="new-password" required />}
      </Field>
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Changing…">
          {hasPassword ? "Change password" : "Set password"}
        </Button>
      </div>
    </form>
  )
}
