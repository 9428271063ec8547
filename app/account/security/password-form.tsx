"use client"

import { ActionFold } from "@/components/ui/action-fold"
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
  const label = hasPassword ? "Change password" : "Set password"
  return (
    <form {...props} className="grid gap-4">
      <Outcome state={state} notice={notice} saved="Password changed. All other browsers were signed out." />
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      <ActionFold label={`${label}…`} forced={state.detail !== ""}>
        <div className="grid max-w-md gap-5">
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
            hint="At least 8 characters. Several random words work well."
          >
            {(control) => (
              <TextInput {...control} name="password" type="password" autoComplete="new-password" required />
            )}
          </Field>
          <div>
            <Button type="submit" variant="primary" pending={pending} pendingLabel="Changing…">
              {label}
            </Button>
          </div>
        </div>
      </ActionFold>
    </form>
  )
}
