"use client"

import { useEffect, useRef } from "react"

import { FormKey } from "@/components/form-key"
import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Notice } from "@/components/ui/notice"
import { useFormAction } from "@/components/use-form-action"
import { loginSnippet } from "@/lib/registry/snippets"
import { issuePushTokenAction, type PushTokenState } from "./push-actions"

type Props = {
  owner: string
  name: string
  host: string
  formKey: string
  /** Why the viewer cannot create a token; null if they can. */
  refused: string | null
  /** Whether the model has a push token. */
  exists: boolean
  /** Whether this is the primary action of the page. */
  primary?: boolean
}

const blank: PushTokenState = { ok: false, values: { owner: "", name: "" }, detail: "", fields: {} }

/** The sign-in command, and a button that creates a token for this model. The token is shown once. */
export function PushTokenForm({ owner, name, host, formKey, refused, exists, primary }: Props) {
  const [state, send, pending] = useFormAction(issuePushTokenAction, blank)
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (state.secret) shown.current?.focus()
  }, [state])

  if (state.secret)
    return (
      <div ref={shown} tabIndex={-1} className="rounded-lg">
        <Notice kind="success" title={`Token of ${owner} for this model`} role="status">
          <p>
            It can push to {owner}/{name} and pull from it, nothing else. Copy it now: you cannot see it again.
          </p>
          <CodeBlock code={state.secret} label="Push token" wrap />
          <CodeBlock code={loginSnippet(host, owner, state.secret)} label="Sign in with this token" wrap />
        </Notice>
      </div>
    )
  return (
    <form action={send} className="grid grid-cols-[minmax(0,1fr)] justify-items-start gap-3">
      {state.detail && (
        <Notice kind="danger" role="alert">
          {state.detail}
        </Notice>
      )}
      <FormKey value={formKey} />
      <input type="hidden" name="owner" value={owner} />
      <input type="hidden" name="name" value={name} />
      <CodeBlock label="Sign in to the registry" code={loginSnippet(host, owner)} className="w-full" />
      {refused ? (
        <p className="text-sm text-muted">{refused}</p>
      ) : (
        <>
          {exists && (
            <p className="text-sm text-muted">
              A token for this model exists. It was shown once; if you do not have it, create another.
            </p>
          )}
          <Button
            type="submit"
            variant={primary && !exists ? "primary" : "secondary"}
            pending={pending}
            pendingLabel="Creating…"
          >
            {exists ? "Create another token" : "Create token"}
          </Button>
        </>
      )}
    </form>
  )
}
