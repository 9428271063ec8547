"use client"

import { SubmitButton } from "@/components/action-form"
import { CodeBlock } from "@/components/ui/code-block"
import { useFormAction } from "@/components/use-form-action"
import { passwordLinkAction, type PasswordLinkState } from "../actions"

const fresh: PasswordLinkState = { ok: false, values: {}, detail: "", fields: {} }

/** Creates a link for setting a new password and shows it once. */
export function PasswordLinkForm({ username }: { username: string }) {
  const [state, send] = useFormAction(passwordLinkAction, fresh)
  return (
    <form action={send} className="grid gap-2">
      <input type="hidden" name="username" value={username} />
      {state.link ? (
        <div role="status" className="grid gap-2 text-sm">
          <p>Send it to {username} only. It works once within 24 hours, and you cannot see it again.</p>
          <CodeBlock code={state.link} label={`Password link for ${username}`} wrap />
        </div>
      ) : (
        <SubmitButton size="sm" aria-label={`Create password link for ${username}`}>
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
