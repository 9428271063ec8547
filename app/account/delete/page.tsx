import type { Metadata } from "next"

import { ButtonLink } from "@/components/ui/button"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { getAccount } from "@/lib/owners/owner"
import { listBlockers } from "@/lib/accounts/close"
import { Blockers, DeleteForm } from "../delete-form"

export const metadata: Metadata = { title: "Delete account", robots: { index: false } }

export default async function DeleteAccountPage() {
  const actor = await requireActor("/account/delete")
  const account = await getAccount(actor.username)
  const blockers = await listBlockers(actor, account)

  return (
    <div className="max-w-xl">
      <PageHeader
        title="Delete account"
        lead="Your profile, sessions, tokens and memberships are deleted immediately and cannot be restored. Nobody else can ever use your username."
        className="mb-8"
      />
      {blockers.length > 0 ? (
        <div className="grid gap-6">
          <Notice kind="warn" title="Before you can delete">
            <Blockers blockers={blockers} />
          </Notice>
          <div>
            <ButtonLink href={`/${account.username}`}>Go to your models</ButtonLink>
          </div>
        </div>
      ) : (
        <DeleteForm username={account.username} hasPassword={account.password_hash !== null} />
      )}
    </div>
  )
}
