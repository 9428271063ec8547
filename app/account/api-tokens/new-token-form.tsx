"use client"

import { useEffect, useRef } from "react"

import { FormKey } from "@/components/form-key"
import { lazyResolver } from "@/components/lazy-resolver"
import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Checkbox, Field, FieldGroup, Select, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"
import { scopes, type Scope } from "@/lib/auth/actor"
import { issueTokenAction, type TokenState } from "./actions"
import { lifetimes, scopesIn, type TokenValues } from "./prefill"

const fields = ["name", "scopes", "expires_in_days"] as const

type Typed = { name: string; scopes: string[]; expires_in_days: string }

const resolver = lazyResolver<Typed>(async () => (await import("@/lib/tokens/schema")).IssueTokenInput)

const meanings: Record<Scope, string> = {
  read: "Read models, including private ones",
  write: "Create, change and delete models",
  push: "Push versions",
}

const typedOf = ({ name, scopes, expires_in_days }: TokenValues): Typed => ({
  name,
  scopes: scopesIn(scopes),
  expires_in_days,
})

/** Creates a token with a name, scopes and a lifetime, and shows its secret once. */
export function NewTokenForm({
  values,
  formKey,
  focused,
  organization,
}: {
  values: TokenValues
  formKey: string
  focused: boolean
  organization?: string
}) {
  // Empty after success, ready for another token.
  const draftOf = (state: TokenState) => typedOf(state.secret ? { ...values, name: "" } : state.values)
  const { state, pending, form, complaints, notice, props } = useActionForm<TokenState, Typed>(
    issueTokenAction,
    freshForm(values),
    { fields, resolver, defaults: draftOf },
  )
  const draft = draftOf(state)
  const secret = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!state.secret) return
    form.reset({ ...typedOf(values), name: "" })
    secret.current?.focus()
  }, [state, form, values])

  return (
    <div className="grid gap-5">
      {state.secret && (
        <div ref={secret} tabIndex={-1} className="rounded-lg">
          <Notice kind="success" title={`New token “${state.values.name}”`} role="status">
            <p>Copy it now: only its hash is stored, so you cannot see it again.</p>
            <CodeBlock code={state.secret} label="Created token" wrap />
          </Notice>
        </div>
      )}
      {state.detail && !fields.some((field) => complaints[field]) && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <form {...props} className="grid gap-6 rounded-xl border border-line bg-surface p-4 sm:p-5">
        <FormKey value={formKey} />
        {organization && <input type="hidden" name="organization" value={organization} />}
        <div className="grid items-start gap-x-5 gap-y-6 sm:grid-cols-[minmax(0,1fr)_12rem]">
          <Field
            label="Name"
            id="name"
            error={complaints.name}
            hint="Where you will use it, such as “laptop” or “nightly build”."
          >
            {(control) => (
              <TextInput
                {...control}
                {...form.register("name")}
                defaultValue={draft.name}
                maxLength={200}
                required
                autoComplete="off"
                autoFocus={focused}
              />
            )}
          </Field>
          <Field label="Expires" id="expires_in_days" error={complaints.expires_in_days}>
            {(control) => (
              <Select {...control} {...form.register("expires_in_days")} defaultValue={draft.expires_in_days}>
                {lifetimes.map((days) => (
                  <option key={days} value={days}>
                    {days ? `In ${days} days` : "Never"}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <FieldGroup label="Scopes" id="scopes" error={complaints.scopes}>
          <div className="grid gap-x-5 sm:grid-cols-3">
            {scopes.map((scope) => (
              <Checkbox
                key={scope}
                label={<span className="font-mono text-sm">{scope}</span>}
                hint={meanings[scope]}
                {...form.register("scopes")}
                value={scope}
                defaultChecked={draft.scopes.includes(scope)}
              />
            ))}
          </div>
        </FieldGroup>
        <div>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create token
          </Button>
        </div>
      </form>
    </div>
  )
}
