import type { Metadata } from "next"

import { Badge } from "@/components/ui/badge"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { currentSecret } from "@/lib/next/session"
import { requireActor } from "@/lib/next/action"
import { param } from "@/lib/next/page"
import { getTwoFactorStatus } from "@/lib/two-factor/two-factor"
import { getAccount } from "@/lib/owners/owner"
import { listSessions } from "@/lib/sessions/session"
import { PasswordForm } from "./password-form"
import { SessionsForm } from "./sessions-form"
import { TwoStepForm } from "./two-step-form"

export const metadata: Metadata = { title: "Security", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function SecurityPage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await requireActor("/account/security")
  const { password_hash, github_id } = await getAccount(actor.username)
  const twoStep = await getTwoFactorStatus(actor.owner_id)
  const sessions = await listSessions(actor, await currentSecret())

  return (
    <div className="grid max-w-2xl grid-cols-[minmax(0,1fr)] gap-10">
      <section aria-labelledby="security">
        <PageHeader
          title={<span id="security">Security</span>}
          lead={github_id ? "You also sign in with GitHub." : undefined}
          className="mb-4"
        />
        <p className="mb-4 text-muted">
          {password_hash === null
            ? "You have no password yet."
            : "Changing your password signs out all other browsers."}{" "}
          API tokens keep working.
        </p>
        <PasswordForm hasPassword={password_hash !== null} username={actor.username} />
      </section>
      <section aria-labelledby="two-step">
        <h2 id="two-step" className="mb-2 flex items-center gap-3">
          Two-step sign-in
          <Badge tone={twoStep ? "accent" : undefined}>{twoStep ? "On" : "Off"}</Badge>
        </h2>
        <p className="mb-4 text-muted">
          Signing in also requires a code from an app on your phone. API tokens are not affected.
        </p>
        <TwoStepForm twoStep={twoStep} hasPassword={password_hash !== null} username={actor.username} />
      </section>
      <section aria-labelledby="sessions">
        <h2 id="sessions" className="mb-4">
          Sessions
        </h2>
        {param(query.ended) && (
          <Notice kind="success" role="status" className="mb-4">
            Signed out.
          </Notice>
        )}
        <SessionsForm sessions={sessions} hasPassword={password_hash !== null} />
      </section>
    </div>
  )
}
