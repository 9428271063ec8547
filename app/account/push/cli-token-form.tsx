"use client"

import { useEffect, useRef } from "react"

import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Notice } from "@/components/ui/notice"
import { useFormAction } from "@/components/use-form-action"
import { issueCliTokenAction, type CliTokenState } from "./actions"

const blank: CliTokenState = { ok: false, values: {}, detail: "", fields: {} }

/** Makes a token for the command line, and shows it the one time it exists. */
export function CliTokenForm() {
  const [state, send, pending] = useFormAction(issueCliTokenAction, blank)
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (state.secret) shown.current?.focus()
  }, [state])

  return (
    <form action={send} className="grid justify-items-start gap-4">
      {state.secret && (
        <div ref={shown} tabIndex={-1} className="w-full rounded-lg">
          <Notice kind="success" title="Your new token" role="status">
            <p>
              Copy it now. Only a fingerprint of it is kept, so it cannot be shown again. It is listed with your API
              tokens, where you can revoke it.
            </p>
            <CodeBlock code={state.secret} label="Your new token" wrap />
          </Notice>
        </div>
      )}
      {state.detail && (
        <Notice kind="danger" role="alert">
          {state.detail}
        </Notice>
      )}
      <Button type="submit" variant="primary" pending={pending} pendingLabel="Making…">
        {state.secret ? "Make another token" : "Make a token"}
      </Button>
    </form>
  )
}
