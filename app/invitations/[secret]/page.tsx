import type { Metadata } from "next"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Avatar } from "@/components/ui/avatar"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { imagePathOrNull } from "@/lib/pictures/address"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable } from "@/lib/next/page"
import { getInvitationByLink } from "@/lib/organizations/invitation"
import { withArticle } from "@/lib/organizations/organization"
import { rolesInWords } from "@/lib/organizations/present"
import { NothingHere } from "../../nothing-here"
import { acceptLinkAction } from "./actions"

export const metadata: Metadata = { title: "Invitation", robots: { index: false }, referrer: "same-origin" }

type Props = { params: Promise<{ secret: string }> }

export default async function InvitationPage({ params }: Props) {
  const { secret } = await params
  const actor = await requireActor(`/invitations/${encodeURIComponent(secret)}`)
  const invitation = await nullIfUnavailable(getInvitationByLink(secret))
  if (!invitation) return <NothingHere />

  return (
    <div className="mx-auto grid w-full max-w-sm gap-6 pt-4 sm:pt-10">
      <Avatar
        name={invitation.organization_name}
        src={imagePathOrNull(invitation.avatar_url)}
        size={64}
        shape="square"
      />
      <PageHeader
        title={`Join ${invitation.organization_name}`}
        lead={
          <span>
            {invitation.invited_by} invites you as {withArticle(invitation.role)}. {rolesInWords[invitation.role]}.
          </span>
        }
      />
      <ActionForm action={acceptLinkAction} className="grid gap-3">
        <input type="hidden" name="secret" value={secret} />
        <SubmitButton variant="primary" wide pendingLabel="Joining…">
          Join as {actor.username}
        </SubmitButton>
      </ActionForm>
      <p className="text-sm text-muted">
        The link works once and expires <Time iso={invitation.expires_at} />.
      </p>
    </div>
  )
}
