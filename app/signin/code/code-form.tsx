"use client"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { enterCodeAction } from "./actions"

/** The second step: a code from the app or a recovery code, in one field. */
export function CodeForm({ next }: { next: string }) {
  const { state, pending, notice, props } = useActionForm(enterCodeAction, {
    ok: false,
    values: {},
    detail: "",
    fields: {},
  })
  return (
    <form {...props} className="grid gap-5">
      {state.detail && !state.fields.code && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <input type="hidden" name="next" value={next} />
      <Field
        label="Code"
        id="code"
        error={state.fields.code}
        hint="The six digits shown in your authenticator app, or one of your recovery codes."
      >
        {(control) => (
          <TextInput
            {...control}
            name="code"
            mono
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={40}
            required
            autoFocus
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" wide pending={pending} pendingLabel="Signing in…">
        Sign in
      </Button>
    </form>
  )
}
