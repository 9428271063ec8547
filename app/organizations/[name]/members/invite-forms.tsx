"use client"

import { FormKey } from "@/components/form-key"
import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Field, Select, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { inviteAction, inviteByLinkAction, type InviteState, type LinkState } from "./actions"

type RoleOption = { role: string; label: string }

type Props = { organization: string; roles: RoleOption[] }

const usual = "developer"

const Roles = ({ roles, ...rest }: { roles: RoleOption[] } & React.ComponentProps<"select">) => (
  <Select name="role" {...rest}>
    {roles.map(({ role, label }) => (
      <option key={role} value={role}>
        {role[0]!.toUpperCase() + role.slice(1)}: {label}
      </option>
    ))}
  </Select>
)

/** Invites somebody who has an account. */
export function InviteForm({ organization, roles }: Props) {
  const initial: InviteState = { ok: false, values: { username: "", role: usual }, detail: "", fields: {} }
  const { state, pending, notice, props } = useActionForm<InviteState>(inviteAction, initial, { reset: true })

  return (
    <form {...props} className="grid gap-4">
      <input type="hidden" name="organization" value={organization} />
      {(state.ok || (state.detail && !state.fields.username)) && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind={state.ok ? "success" : "danger"} role={state.ok ? "status" : "alert"}>
            {state.ok ? `${state.values.username} was invited. The invitation is under Organizations.` : state.detail}
          </Notice>
        </div>
      )}
      <div className="grid items-start gap-x-3 gap-y-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
        <Field label="Username" id="invite-username" error={state.fields.username}>
          {(control) => (
            <TextInput
              {...control}
              name="username"
              mono
              defaultValue={state.ok ? "" : state.values.username}
              maxLength={200}
              autoCapitalize="off"
              autoCorrect="off"
              spellCheck={false}
              autoComplete="off"
              required
            />
          )}
        </Field>
        <Field label="Role" id="invite-role" error={state.fields.role}>
          {(control) => <Roles {...control} roles={roles} defaultValue={state.values.role} />}
        </Field>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Inviting…" className="sm:mt-7">
          Invite
        </Button>
      </div>
    </form>
  )
}

/** Creates a link that the first person to open it can use. */
export function LinkForm({ organization, roles, formKey }: Props & { formKey: string }) {
  const initial: LinkState = { ok: false, values: { role: usual, days: "7" }, detail: "", fields: {} }
  const { state, pending, notice, props } = useActionForm<LinkState>(inviteByLinkAction, initial)

  return (
    <form {...props} className="grid gap-4">
      <FormKey value={formKey} />
      <input type="hidden" name="organization" value={organization} />
      {state.link && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="success" title="Invitation link" role="status">
            <p>Send it to one person: it works once. You cannot see it again, but you can revoke it below.</p>
            <CodeBlock code={state.link} label="Invitation link" wrap />
          </Notice>
        </div>
      )}
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <div className="grid items-start gap-x-3 gap-y-4 sm:grid-cols-[minmax(0,1fr)_10rem_auto]">
        <Field label="Role" id="link-role" error={state.fields.role}>
          {(control) => <Roles {...control} roles={roles} defaultValue={state.values.role} />}
        </Field>
        <Field label="Valid for (days)" id="link-days" error={state.fields.days}>
          {(control) => (
            <TextInput
              {...control}
              name="days"
              type="number"
              inputMode="numeric"
              min={1}
              max={30}
              defaultValue={state.values.days}
              required
            />
          )}
        </Field>
        <Button type="submit" pending={pending} pendingLabel="Creating…" className="sm:mt-7">
          Create link
        </Button>
      </div>
    </form>
  )
}
