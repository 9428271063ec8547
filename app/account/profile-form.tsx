"use client"

import { CurrentValues } from "@/components/current-values"
import { Button } from "@/components/ui/button"
import { Field, TextArea, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import type { FormState } from "@/lib/next/form"
import { updateEmailAction, updateProfileAction, type EmailState, type ProfileState } from "./actions"

const labels = { name: "Display name", description: "About", avatar_url: "Picture", github_url: "GitHub" }

/** The profile form of a user or an organization. */
export function ProfileForm({
  values,
  revision: filledWith,
  organization,
}: {
  values: ProfileState["values"]
  revision: string
  organization?: string
}) {
  const { state, pending, notice, revision, props } = useActionForm<ProfileState>(updateProfileAction, {
    ok: false,
    values,
    detail: "",
    fields: {},
    revision: filledWith,
  })
  return (
    <form {...props} className="grid gap-5">
      <Outcome state={state} notice={notice} saved="Profile saved." labels={labels} />
      <input type="hidden" name="revision" value={revision} />
      {organization && <input type="hidden" name="organization" value={organization} />}
      <Field label="Display name" id="name" error={state.fields.name}>
        {(control) => (
          <TextInput
            {...control}
            name="name"
            defaultValue={state.values.name}
            maxLength={200}
            autoComplete={organization ? "organization" : "name"}
            required
          />
        )}
      </Field>
      <Field
        label="About"
        mark="optional"
        id="description"
        error={state.fields.description}
        hint="One or two sentences, shown on the profile."
      >
        {(control) => (
          <TextArea {...control} name="description" defaultValue={state.values.description} rows={3} maxLength={600} />
        )}
      </Field>
      <Field
        label="Picture"
        mark="optional"
        id="avatar_url"
        error={state.fields.avatar_url}
        hint="URL of a square image. This server fetches it for visitors."
      >
        {(control) => (
          <TextInput
            {...control}
            name="avatar_url"
            type="url"
            inputMode="url"
            defaultValue={state.values.avatar_url}
            maxLength={2500}
            placeholder="https://…"
            autoComplete="off"
          />
        )}
      </Field>
      <Field label="GitHub" mark="optional" id="github_url" error={state.fields.github_url}>
        {(control) => (
          <TextInput
            {...control}
            name="github_url"
            type="url"
            inputMode="url"
            defaultValue={state.values.github_url}
            maxLength={2500}
            placeholder="https://github.com/…"
            autoComplete="off"
          />
        )}
      </Field>
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
          Save profile
        </Button>
      </div>
    </form>
  )
}

/** The contact address; nobody else sees it. */
export function EmailForm({
  values,
  revision: filledWith,
  hasPassword,
}: {
  values: EmailState["values"]
  revision: string
  hasPassword: boolean
}) {
  const { state, pending, notice, revision, props } = useActionForm<EmailState>(
    updateEmailAction,
    { ok: false, values, detail: "", fields: {}, revision: filledWith },
    { reset: true },
  )
  return (
    <form {...props} className="grid gap-5">
      <Outcome state={state} notice={notice} saved="Email saved." labels={{ email: "Email" }} />
      <input type="hidden" name="revision" value={revision} />
      <Field
        label="Email"
        mark="optional"
        id="email"
        error={state.fields.email}
        hint="So that the administrator can contact you. It is not shown anywhere, and no email is sent to it."
      >
        {(control) => (
          <TextInput
            {...control}
            name="email"
            type="email"
            defaultValue={state.values.email}
            maxLength={300}
            autoComplete="email"
          />
        )}
      </Field>
      {hasPassword && (
        <Field label="Your password" id="proof" error={state.fields.password}>
          {(control) => (
            <TextInput {...control} name="password" type="password" autoComplete="current-password" required />
          )}
        </Field>
      )}
      <div>
        <Button type="submit" pending={pending} pendingLabel="Saving…">
          Save email
        </Button>
      </div>
    </form>
  )
}

type OutcomeProps = {
  state: FormState
  notice: React.RefObject<HTMLDivElement | null>
  saved: string
  /** The labels of the fields. */ labels?: Record<string, string>
}

/** The outcome of the last submit, unless a field shows it. */
export function Outcome({ state, notice, saved, labels }: OutcomeProps) {
  if (!state.ok && (state.detail === "" || Object.keys(state.fields).length > 0)) return null
  return (
    <div ref={notice} tabIndex={-1}>
      <Notice kind={state.ok ? "success" : "danger"} role={state.ok ? "status" : "alert"}>
        {state.ok ? saved : state.detail}
        <CurrentValues state={state} labels={labels} />
      </Notice>
    </div>
  )
}
