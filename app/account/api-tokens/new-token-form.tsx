"use client"

import { zodResolver } from "@hookform/resolvers/zod"
import { startTransition, useActionState, useEffect, useRef } from "react"
import { useForm } from "react-hook-form"

import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useRefusal } from "@/components/use-refusal"
import { IssueTokenInput } from "@/lib/tokens/schema"
import { issueTokenAction, type TokenState } from "./actions"

const fields = ["name"] as const

/** Names a token, and shows its secret the one time it exists. */
export function NewTokenForm({ name, organization }: { name: string; organization?: string }) {
  const [state, send, pending] = useActionState<TokenState, FormData>(issueTokenAction, { ok: false, values: { name }, detail: "", fields: {} })
  const form = useForm<{ name: string }>({ resolver: zodResolver(IssueTokenInput), defaultValues: { name: state.secret ? "" : state.values.name }, mode: "onSubmit" })
  const { complaints, noticeRef } = useRefusal(form, state, fields)
  const element = useRef<HTMLFormElement>(null)
  const shown = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!state.secret) return
    form.reset({ name: "" })
    shown.current?.focus()
  }, [state, form])

  return (
    <div className="grid gap-5">
      {state.secret && (
        <div ref={shown} tabIndex={-1} className="rounded-lg">
          <Notice kind="success" title={`Your new token “${state.values.name}”`} role="status">
            <p>Copy it now. Only a fingerprint of it is kept, so it cannot be shown again.</p>
            <CodeBlock code={state.secret} label="Your new token" wrap />
          </Notice>
        </div>
      )}
      {state.detail && !complaints.name && (
        <div ref={noticeRef} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <form
        ref={element}
        action={send}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void form.handleSubmit(() => startTransition(() => send(new FormData(element.current!))))(event)
        }}
        className="grid items-start gap-x-3 gap-y-4 sm:grid-cols-[minmax(0,1fr)_auto]"
      >
        {organization && <input type="hidden" name="organization" value={organization} />}
        <Field label="Name" id="name" error={complaints.name} hint="Where you will use it, such as “laptop” or “nightly build”.">
          {(control) => <TextInput {...control} {...form.register("name")} defaultValue={state.secret ? "" : state.values.name} maxLength={200} required autoComplete="off" />}
        </Field>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…" className="sm:mt-7">
          Create token
        </Button>
      </form>
    </div>
  )
}
