"use client"

import { SubmitButton } from "@/components/action-form"
import { CodeBlock } from "@/components/ui/code-block"
import { useFormAction } from "@/components/use-form-action"
import { passwordLinkAction, type PasswordLinkState } from "../actions"

const fresh: PasswordLinkState = { ok: false, values: {}, detail: "", fields: {} }

/** Makes a link with which the person sets a new password, and shows it the one time it exists. */
export function PasswordLinkForm({ username }: { username: string }) {
  const [state, send] = useFormAction(passwordLinkAction, fresh)
  return (
    <form action={send} className="grid gap-2">
      <input type="hidden" name="username" value={username} />
      {state.link ? (
        <div role="status" className="grid gap-2 text-sm">
          <p>Give it to {username} alone. It works once, for 24 hours, and cannot be shown again.</p>
          <CodeBlock code={state.link} label={`Password link for ${username}`} wrap />
        </div>
      ) : (
        <SubmitButton size="sm" aria-label={`Make a password link for ${username}`}>
          Password link
        </SubmitButton>
      )}
      {state.detail && (
        <p role="alert" className="text-sm font-medium text-danger">
          {state.detail}
        </p>
      )}
    </form>
  )
}
