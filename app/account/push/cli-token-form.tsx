"use client"

import { useEffect, useRef } from "react"

import { FormKey } from "@/components/form-key"
import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Notice } from "@/components/ui/notice"
import { useFormAction } from "@/components/use-form-action"
import { issueCliTokenAction, type CliTokenState } from "./actions"

const blank: CliTokenState = { ok: false, values: {}, detail: "", fields: {} }

/** Creates a token for the command line and shows it once. */
export function CliTokenForm({ formKey }: { formKey: string }) {
  const [state, send, pending] = useFormAction(issueCliTokenAction, blank)
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (state.secret) shown.current?.focus()
  }, [state])

  return (
    <form action={send} className="grid justify-items-start gap-4">
      <FormKey value={formKey} />
      {state.secret && (
        <div ref={shown} tabIndex={-1} className="w-full rounded-lg">
          <Notice kind="success" title="New token" role="status">
            <p>Copy it now: only its hash is stored, so you cannot see it again. You can revoke it under API tokens.</p>
            <CodeBlock code={state.secret} label="Created token" wrap />
          </Notice>
        </div>
      )}
      {state.detail && (
        <Notice kind="danger" role="alert">
          {state.detail}
        </Notice>
      )}
      <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
        {state.secret ? "Create another token" : "Create token"}
      </Button>
    </form>
  )
}
