import type { Metadata } from "next"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Badge } from "@/components/ui/badge"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { currentSecret } from "@/lib/auth/session"
import { requireActor } from "@/lib/doors/action"
import { param } from "@/lib/doors/page"
import { getAccount } from "@/lib/owners/owner"
import { browserInWords } from "@/lib/sessions/browser"
import { listSessions } from "@/lib/sessions/session"
import { endOtherSessionsAction, endSessionAction } from "../actions"
import { PasswordForm } from "./password-form"

export const metadata: Metadata = { title: "Security", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function SecurityPage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await requireActor("/account/security")
  const { password_hash, github_id } = await getAccount(actor.username)
  const sessions = await listSessions(actor, await currentSecret())

  return (
    <div className="grid max-w-2xl grid-cols-[minmax(0,1fr)] gap-12">
      <section aria-labelledby="security">
        <PageHeader title={<span id="security">Security</span>} lead={github_id ? "You also sign in with GitHub." : undefined} className="mb-6" />
        <div className="max-w-md">
          <PasswordForm hasPassword={password_hash !== null} username={actor.username} />
        </div>
      </section>
      <section aria-labelledby="sessions">
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <h2 id="sessions">Where you are signed in</h2>
          {sessions.length > 1 && (
            <ActionForm action={endOtherSessionsAction}>
              <SubmitButton size="sm">Sign out everywhere else</SubmitButton>
            </ActionForm>
          )}
        </div>
        {param(query.ended) && (
          <Notice kind="success" role="status" className="mb-4">
            Signed out there.
          </Notice>
        )}
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
                  Last seen <Time iso={session.last_seen_at} /> · signed in <Time iso={session.created_at} />
                </p>
              </div>
              {!session.current && (
                <ActionForm action={endSessionAction}>
                  <input type="hidden" name="handle" value={session.handle} />
                  <SubmitButton size="sm" aria-label={`Sign out ${browserInWords(session.user_agent)}, ${session.address ?? "unknown address"}`}>
                    Sign out
                  </SubmitButton>
                </ActionForm>
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}
