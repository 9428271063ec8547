"use client"

import { FormKey } from "@/components/form-key"
import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Notice } from "@/components/ui/notice"
import { Time } from "@/components/ui/time"
import { useActionForm } from "@/components/use-action-form"
import { webhookSecretAction, type SecretState } from "./actions"

/** Shows the signing secret on request, and rotates it. */
export function SecretForm({
  organization = "",
  formKey,
  previousUntil,
}: {
  organization?: string
  formKey: string
  previousUntil: string | null
}) {
  const { state, pending, notice, props } = useActionForm<SecretState>(webhookSecretAction, {
    ok: false,
    values: { organization },
    detail: "",
    fields: {},
  })
  const until = state.secret ? state.previous_until : previousUntil
  return (
    <form {...props} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <FormKey value={formKey} />
      <input type="hidden" name="organization" value={organization} />
      <div ref={notice} tabIndex={-1} className="grid grid-cols-[minmax(0,1fr)] gap-4 empty:hidden">
        {state.detail && (
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        )}
        {state.rotated && (
          <Notice kind="success" role="status">
            Secret rotated. Deliveries carry a signature of each secret until the old one expires.
          </Notice>
        )}
        {state.secret && <CodeBlock code={state.secret} label="Secret" wrap />}
      </div>
      {until && (
        <p className="text-sm text-muted">
          The previous secret is valid until <Time iso={until} />.
        </p>
      )}
      <div className="flex flex-wrap gap-3">
        {!state.secret && (
          <Button type="submit" name="step" value="show" disabled={pending}>
            Show secret
          </Button>
        )}
        <Button type="submit" name="step" value="rotate" variant="quiet" disabled={pending}>
          Rotate secret
        </Button>
      </div>
    </form>
  )
}
