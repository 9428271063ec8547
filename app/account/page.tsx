import type { Metadata } from "next"

import { ButtonLink } from "@/components/ui/button"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { revisionOf } from "@/lib/revision"
import { getAccount } from "@/lib/owners/owner"
import { contactOf, profileOf } from "./profile"
import { EmailForm, ProfileForm } from "./profile-form"

export const metadata: Metadata = { title: "Profile", robots: { index: false } }

export default async function AccountPage() {
  const actor = await requireActor("/account")
  const account = await getAccount(actor.username)
  const { username } = account
  const [profile, contact] = [profileOf(account), contactOf(account)]

  return (
    <div className="grid max-w-xl grid-cols-[minmax(0,1fr)] gap-12">
      <section aria-labelledby="profile">
        <PageHeader
          title={<span id="profile">Profile</span>}
          lead={
            <span>
              What others see about <span className="font-mono text-sm">{username}</span>. The username cannot be
              changed.
            </span>
          }
          className="mb-6"
        />
        <ProfileForm values={profile} revision={revisionOf(profile)} />
      </section>
      <section aria-labelledby="contact">
        <h2 id="contact" className="mb-4">
          Contact
        </h2>
        <EmailForm values={contact} revision={revisionOf(contact)} hasPassword={account.password_hash !== null} />
      </section>
      <section aria-labelledby="data">
        <h2 id="data" className="mb-2">
          Your data
        </h2>
        <p className="mb-4 text-muted">
          All data about you in one JSON file: profile, models, tokens (without secrets), sessions, organizations and
          the audit log.
        </p>
        <div className="flex flex-wrap gap-3">
          <ButtonLink href="/account/export" prefetch={false} download>
            Download data
          </ButtonLink>
          <ButtonLink href="/account/delete" variant="quiet" className="text-danger!">
            Delete account…
          </ButtonLink>
        </div>
      </section>
    </div>
  )
}
