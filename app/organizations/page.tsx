import type { Metadata } from "next"
import Link from "next/link"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Avatar } from "@/components/ui/avatar"
import { Badge } from "@/components/ui/badge"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PlusIcon, UserIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { imagePathOrNull } from "@/lib/pictures/address"
import { requireActor } from "@/lib/next/action"
import { param } from "@/lib/next/page"
import { listOwnInvitations, shownInvitations } from "@/lib/organizations/invitation"
import { listOrganizations, withArticle } from "@/lib/organizations/organization"
import { presentInvitation } from "@/lib/organizations/present"
import { answerInvitationAction } from "./actions"

export const metadata: Metadata = { title: "Organizations", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OrganizationsPage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await requireActor("/organizations")
  const [organizations, invitations] = await Promise.all([listOrganizations(actor), listOwnInvitations(actor)])
  const create = (
    <ButtonLink href="/organizations/create" variant="primary" icon={<PlusIcon size={16} />}>
      New organization
    </ButtonLink>
  )

  return (
    <div className="max-w-3xl">
      <PageHeader
        title="Organizations"
        lead="To join an organization, ask a member to invite you."
        actions={organizations.length > 0 ? create : undefined}
        className="mb-8"
      />
      {param(query.declined) && (
        <Notice kind="success" role="status" className="mb-6">
          Invitation declined.
        </Notice>
      )}
      {param(query.deleted) && (
        <Notice kind="success" role="status" className="mb-6">
          Organization deleted.
        </Notice>
      )}
      {param(query.left) && (
        <Notice kind="success" role="status" className="mb-6">
          You are no longer a member.
        </Notice>
      )}
      {invitations.length > 0 && (
        <section aria-labelledby="invitations" className="mb-10">
          <h2 id="invitations" className="mb-4">
            Invitations
          </h2>
          {invitations.length === shownInvitations && (
            <p className="mb-4 text-sm text-muted">The {shownInvitations} newest are shown.</p>
          )}
          <ul className="grid gap-3">
            {invitations.map(presentInvitation).map((invitation) => (
              <li
                key={invitation.id}
                className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-line bg-surface p-4"
              >
                <Avatar name={invitation.organization_name} src={invitation.avatar_url} size={40} shape="square" />
                <div className="min-w-0 flex-1 basis-56">
                  <p className="wrap-anywhere">
                    <Link href={`/${invitation.organization}`} className="link font-semibold">
                      {invitation.organization}
                    </Link>{" "}
                    invites you as {withArticle(invitation.role)}
                  </p>
                  <p className="text-sm text-muted">
                    From {invitation.invited_by}, <Time iso={invitation.created_at} />
                  </p>
                </div>
                <ActionForm action={answerInvitationAction} className="flex flex-wrap gap-2">
                  <input type="hidden" name="id" value={invitation.id} />
                  <SubmitButton
                    name="answer"
                    value="accept"
                    variant="primary"
                    size="sm"
                    aria-label={`Join ${invitation.organization}`}
                  >
                    Join
                  </SubmitButton>
                  <SubmitButton
                    name="answer"
                    value="decline"
                    size="sm"
                    aria-label={`Decline the invitation of ${invitation.organization}`}
                  >
                    Decline
                  </SubmitButton>
                </ActionForm>
              </li>
            ))}
          </ul>
        </section>
      )}
      {organizations.length === 0 ? (
        <EmptyState title="No organizations yet" icon={<UserIcon size={28} />} action={create}>
          Create an organization to share models with a team.
        </EmptyState>
      ) : (
        <section aria-labelledby="yours">
          <h2 id="yours" className="mb-4">
            Yours
          </h2>
          <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
            {organizations.map(({ organization, role }) => (
              <li key={organization.username} className="flex items-center gap-4 p-4">
                <Avatar
                  name={organization.name}
                  src={imagePathOrNull(organization.avatar_url)}
                  size={40}
                  shape="square"
                />
                <div className="min-w-0 flex-1">
                  <Link
                    href={`/${organization.username}`}
                    className="rounded-sm font-semibold wrap-anywhere hover:text-accent hover:underline"
                  >
                    {organization.name}
                  </Link>
                  <p className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
                    {organization.name !== organization.username && (
                      <span className="font-mono text-xs">{organization.username}</span>
                    )}
                    <Badge>{role}</Badge>
                    <span>
                      {organization.model_count === 1
                        ? "1 model"
                        : `${organization.model_count.toLocaleString("en-US")} models`}
                    </span>
                  </p>
                </div>
                <ButtonLink
                  href={`/organizations/${organization.username}/members`}
                  size="sm"
                  aria-label={`Members of ${organization.username}`}
                >
                  Members
                </ButtonLink>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
