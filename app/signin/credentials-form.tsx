"use client"

import { startTransition, useEffect, useRef } from "react"
import { useForm } from "react-hook-form"

import { lazyResolver } from "@/components/lazy-resolver"
import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useFormAction } from "@/components/use-form-action"
import { useRefusal } from "@/components/use-refusal"
import type { SignInState } from "./actions"

type Props = {
  kind: "sign-in" | "sign-up"
  action: (state: SignInState, form: FormData) => Promise<SignInState>
  next: string
  username?: string
}

type Credentials = { username: string; password: string }

const wording = {
  "sign-in": {
    submit: "Sign in",
    pending: "Signing in…",
    resolver: lazyResolver<Credentials>(async () => (await import("@/lib/owners/schema")).SignInInput),
    newPassword: false,
  },
  "sign-up": {
    submit: "Create account",
    pending: "Creating…",
    resolver: lazyResolver<Credentials>(async () => (await import("@/lib/owners/schema")).SignUpInput),
    newPassword: true,
  },
}

/** The username and password form; works without scripts. */
export function CredentialsForm({ kind, action, next, username = "" }: Props) {
  const { submit, pending: pendingLabel, resolver, newPassword } = wording[kind]
  const [state, send, pending] = useFormAction(action, {
    ok: false,
    values: { username, next },
    detail: "",
    fields: {},
  })
  const form = useForm<Credentials>({
    resolver,
    defaultValues: { username: state.values.username, password: "" },
    // Not on blur: an error that appears then would move the button away from the click.
    mode: "onSubmit",
    shouldFocusError: true,
  })
  const { complaints, noticeRef } = useRefusal(form, state, ["username", "password"])
  const element = useRef<HTMLFormElement>(null)

  // A rejected password is never sent back.
  useEffect(() => {
    if (state.detail && !state.unanswered) form.resetField("password", { keepError: true })
  }, [state, form])

  return (
    <form
      ref={element}
      action={send}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void form.handleSubmit(() => startTransition(() => send(new FormData(element.current!))))(event)
      }}
      className="grid gap-5"
    >
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={noticeRef} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <input type="hidden" name="next" value={next} />
      <Field
        label="Username"
        id="username"
        error={complaints.username}
        hint={
          newPassword
            ? "Lowercase letters, numbers and dashes. It is part of your models' URLs and cannot be changed."
            : undefined
        }
      >
        {(control) => (
          <TextInput
            {...control}
            {...form.register("username")}
            defaultValue={state.values.username}
            mono
            autoComplete="username"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            required
          />
        )}
      </Field>
      <Field
        label="Password"
        id="password"
        error={complaints.password}
        hint={newPassword ? "At least 8 characters. Several random words work well." : undefined}
      >
        {(control) => (
          <TextInput
            {...control}
            {...form.register("password")}
            type="password"
            autoComplete={newPassword ? "new-password" : "current-password"}
            required
          />
        )}
      </Field>
      <Button type="submit" variant="primary" wide pending={pending} pendingLabel={pendingLabel}>
        {submit}
      </Button>
    </form>
  )
}
