"use client"

import { ActionFold } from "@/components/ui/action-fold"
import { Badge } from "@/components/ui/badge"
import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Time } from "@/components/ui/time"
import { useActionForm } from "@/components/use-action-form"
import { browserInWords } from "@/lib/sessions/browser"
import type { OpenSession } from "@/lib/sessions/session"
import { endSessionsAction } from "../actions"
import { Outcome } from "../profile-form"

/** The signed-in browsers. Signing one out requires the password, if the account has one. */
export function SessionsForm({ sessions, hasPassword }: { sessions: OpenSession[]; hasPassword: boolean }) {
  const { state, notice, props } = useActionForm(endSessionsAction, { ok: false, values: {}, detail: "", fields: {} })
  return (
    <form {...props} className="group/sessions grid grid-cols-[minmax(0,1fr)] gap-4">
      <Outcome state={state} notice={notice} saved="" />
      {sessions.length > 1 &&
        (hasPassword ? (
          <ActionFold label="Sign out browsers…" forced={state.detail !== ""}>
            <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_auto]">
              <Field
                label="Your password"
                id="proof"
                error={state.fields.password}
                hint="Then sign out everywhere else, or one of the browsers below."
              >
                {(control) => (
                  <TextInput {...control} name="password" type="password" autoComplete="current-password" required />
                )}
              </Field>
              <Button type="submit" name="handle" value="others" className="sm:mt-7">
                Sign out everywhere else
              </Button>
            </div>
          </ActionFold>
        ) : (
          <div>
            <Button type="submit" name="handle" value="others">
              Sign out everywhere else
            </Button>
          </div>
        ))}
      <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
        {sessions.map((session) => (
          <li key={session.handle} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex flex-wrap items-center gap-x-2 font-semibold">
                {browserInWords(session.user_agent)}
                {session.current && <Badge tone="accent">This browser</Badge>}
              </p>
              <p className="text-sm text-muted">
                {session.address && <span className="font-mono text-xs">{session.address} · </span>}
                <span>
                  Last seen <Time iso={session.last_seen_at} /> · signed in <Time iso={session.created_at} />
                </span>
              </p>
            </div>
            {!session.current && (
              <Button
                type="submit"
                name="handle"
                value={session.handle}
                size="sm"
                // The buttons appear together with the password field.
                className={hasPassword ? "not-group-has-[details[open]]/sessions:hidden" : ""}
                aria-label={`Sign out ${browserInWords(session.user_agent)}, ${session.address ?? "unknown address"}`}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </form>
  )
}
