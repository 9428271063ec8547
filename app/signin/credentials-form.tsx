"use client"

import { useEffect } from "react"

import { lazyResolver } from "@/components/lazy-resolver"
import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"
import type { SignInState } from "./actions"

type Props = {
  kind: "sign-in" | "sign-up"
  action: (state: SignInState, form: FormData) => Promise<SignInState>
  next: string
  username?: string
}

type Credentials = { username: string; password: string }

const fields = ["username", "password"] as const

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
  const { state, pending, form, complaints, notice, props } = useActionForm<SignInState, Credentials>(
    action,
    freshForm({ username, next }),
    { fields, resolver, defaults: ({ values }) => ({ username: values.username ?? "", password: "" }) },
  )

  // A rejected password is never sent back.
  useEffect(() => {
    if (state.detail && !state.unanswered) form.resetField("password", { keepError: true })
  }, [state, form])

  return (
    <form {...props} className="grid gap-5">
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={notice} tabIndex={-1}>
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
            // Signing in is the only purpose of the page.
            autoFocus={state.values.username === ""}
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
