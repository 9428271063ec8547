"use client"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { deleteAccountAction, type DeleteState } from "./actions"
import { Outcome } from "./profile-form"

type Props = { username: string; organization?: boolean; hasPassword: boolean }

/** Deletes an account permanently, once its name and the person's password are entered. */
export function DeleteForm({ username, organization, hasPassword }: Props) {
  const { state, pending, notice, props } = useActionForm<DeleteState>(deleteAccountAction, {
    ok: false,
    values: { confirmation: "" },
    detail: "",
    fields: {},
  })
  return (
    <form {...props} className="grid gap-5">
      <Outcome state={state} notice={notice} saved="" />
      {organization && <input type="hidden" name="organization" value={username} />}
      <Field label={`Enter ${username} to confirm`} id="confirmation" error={state.fields.confirmation}>
        {(control) => (
          <TextInput
            {...control}
            name="confirmation"
            mono
            defaultValue={state.values.confirmation}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            required
          />
        )}
      </Field>
      {hasPassword && (
        <Field label="Your password" id="password" error={state.fields.password}>
          {(control) => (
            <TextInput {...control} name="password" type="password" autoComplete="current-password" required />
          )}
        </Field>
      )}
      <div>
        <Button type="submit" variant="danger" pending={pending} pendingLabel="Deleting…">
          Delete {username}
        </Button>
      </div>
    </form>
  )
}

/** What prevents the deletion. */
export const Blockers = ({ blockers }: { blockers: string[] }) => (
  <ul className="grid list-disc gap-2 pl-5">
    {blockers.map((blocker) => (
      <li key={blocker}>{blocker}</li>
    ))}
  </ul>
)
