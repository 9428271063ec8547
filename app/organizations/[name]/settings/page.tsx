import { Notice } from "@/components/ui/notice"
import { revisionOf } from "@/lib/revision"
import { getAccount } from "@/lib/owners/owner"
import { listBlockers } from "@/lib/accounts/close"
import { Blockers, DeleteForm } from "../../../account/delete-form"
import { profileOf } from "../../../account/profile"
import { ProfileForm } from "../../../account/profile-form"
import { NothingHere } from "../../../nothing-here"
import { OrganizationFrame } from "../organization-frame"
import { loadOrganizationPage, organizationMetadata } from "../organization-page"

export const generateMetadata = organizationMetadata("Settings", "profile", "/settings")

type Props = { params: Promise<{ name: string }> }

export default async function OrganizationSettingsPage({ params }: Props) {
  const page = await loadOrganizationPage((await params).name, "profile", "/settings")
  if (!page) return <NothingHere />
  const { actor, organization, role, can } = page
  const { username } = organization
  const profile = profileOf(organization)
  const blockers = can("close") ? await listBlockers(actor, organization) : []

  return (
    <>
      <OrganizationFrame
        organization={organization}
        role={role}
        can={can}
        current={`/organizations/${username}/settings`}
      />
      <div className="grid max-w-xl grid-cols-[minmax(0,1fr)] gap-12">
        <section aria-labelledby="profile">
          <h2 id="profile" className="mb-4">
            Profile
          </h2>
          <ProfileForm organization={username} values={profile} revision={revisionOf(profile)} />
        </section>
        {can("close") && (
          <section aria-labelledby="delete">
            <h2 id="delete" className="mb-2">
              Delete organization
            </h2>
            <p className="mb-4 text-muted">
              Its profile, tokens and memberships are deleted immediately and cannot be restored. Nobody can ever use
              its name again.
            </p>
            {blockers.length > 0 ? (
              <Notice kind="warn" title="Before you can delete">
                <Blockers blockers={blockers} />
              </Notice>
            ) : (
              <DeleteForm
                username={username}
                organization
                hasPassword={(await getAccount(actor.username)).password_hash !== null}
              />
            )}
          </section>
        )}
      </div>
    </>
  )
}
