import { ActionForm, SubmitButton } from "@/components/action-form"
import { Disclosure } from "@/components/ui/disclosure"
import { CheckIcon, MinusIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { newFormKey, param } from "@/lib/next/page"
import { listInvitations } from "@/lib/organizations/invitation"
import { listMembers } from "@/lib/organizations/organization"
import { abilityToAssign } from "@/lib/access/policy"
import { permissionTable, presentInvitation, presentMember, rolesInWords } from "@/lib/organizations/present"
import { roles, type Role } from "@/lib/auth/actor"
import { NothingHere } from "../../../nothing-here"
import { OrganizationFrame } from "../organization-frame"
import { loadOrganizationPage, organizationMetadata } from "../organization-page"
import { revokeInvitationAction } from "./actions"
import { InviteForm, LinkForm } from "./invite-forms"
import { MemberRow } from "./member-row"

export const generateMetadata = organizationMetadata("Members", "see", "/members")

type Props = { params: Promise<{ name: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function MembersPage({ params, searchParams }: Props) {
  const query = await searchParams
  const page = await loadOrganizationPage((await params).name, "see", "/members")
  if (!page) return <NothingHere />
  const { actor, organization, role, can } = page
  const members = (await listMembers(actor, organization)).map(presentMember)
  const invitations = can("members") ? (await listInvitations(actor, organization)).map(presentInvitation) : []
  const given = roles.filter((role) => can(abilityToAssign(role)))
  const over = (member: { role: Role }) => (can(abilityToAssign(member.role)) ? given : [])
  const options = given.map((role) => ({ role, label: rolesInWords[role] }))

  return (
    <>
      <OrganizationFrame
        organization={organization}
        role={role}
        can={can}
        current={`/organizations/${organization.username}/members`}
      />
      <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-12">
        <Said query={query} organization={organization.username} />
        <section aria-labelledby="members">
          <h2 id="members" className="mb-4">
            {members.length === 1 ? "1 member" : `${members.length} members`}
          </h2>
          <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
            {members.map((member) => (
              <MemberRow
                key={member.username}
                organization={organization.username}
                member={member}
                self={member.username === actor.username}
                roles={over(member)}
              />
            ))}
          </ul>
        </section>

        {can("members") && (
          <section aria-labelledby="invite">
            <h2 id="invite" className="mb-4">
              Invite
            </h2>
            <InviteForm organization={organization.username} roles={options} />
            <Disclosure summary="Invite with a link" className="mt-6">
              <LinkForm organization={organization.username} roles={options} formKey={await newFormKey()} />
            </Disclosure>
          </section>
        )}

        {invitations.length > 0 && (
          <section aria-labelledby="pending">
            <h2 id="pending" className="mb-4">
              Pending
            </h2>
            <Table label="Pending invitations">
              <thead>
                <tr>
                  <th scope="col">User</th>
                  <th scope="col">Role</th>
                  <th scope="col">Invited by</th>
                  <th scope="col">Expires</th>
                  <th scope="col">
                    <span className="sr-only">Revoke</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {invitations.map((invitation) => (
                  <tr key={invitation.id}>
                    <th scope="row">{invitation.user ?? "Anyone with the link"}</th>
                    <td>{invitation.role}</td>
                    <td>{invitation.invited_by}</td>
                    <td className="whitespace-nowrap">
                      <Time iso={invitation.expires_at} />
                    </td>
                    <td className="num">
                      <ActionForm action={revokeInvitationAction}>
                        <input type="hidden" name="organization" value={organization.username} />
                        <input type="hidden" name="id" value={invitation.id} />
                        <SubmitButton
                          size="sm"
                          aria-label={
                            invitation.user
                              ? `Revoke the invitation of ${invitation.user}`
                              : "Revoke the invitation link"
                          }
                        >
                          Revoke
                        </SubmitButton>
                      </ActionForm>
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </section>
        )}

        <section aria-labelledby="permissions">
          <h2 id="permissions" className="mb-4">
            Roles and permissions
          </h2>
          <Permissions />
        </section>
      </div>
    </>
  )
}

const Permissions = () => (
  <Table label="Permissions by role">
    <thead>
      <tr>
        <th scope="col">
          <span className="sr-only">Permission</span>
        </th>
        {roles.map((role) => (
          <th key={role} scope="col" className="text-center! capitalize">
            {role}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {permissionTable().map(({ label, roles: allowed }) => (
        <tr key={label}>
          <th scope="row" className="min-w-52 font-normal!">
            {label}
          </th>
          {allowed.map((yes, at) => (
            <td key={roles[at]} className="text-center">
              {yes ? (
                <CheckIcon size={18} className="inline text-accent" />
              ) : (
                <MinusIcon size={14} className="inline text-muted" />
              )}
              <span className="sr-only">{yes ? "yes" : "no"}</span>
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </Table>
)

/** The outcome of the last action on this page, from the query. */
function Said({ query, organization }: { query: Record<string, string | string[] | undefined>; organization: string }) {
  const changed = param(query.changed)
  const removed = param(query.removed)
  const text = changed
    ? `Role of ${changed.slice(0, 39)} changed.`
    : removed
      ? `${removed.slice(0, 39)} is no longer a member.`
      : param(query.revoked)
        ? "Invitation revoked."
        : param(query.joined)
          ? `Welcome! You are now a member of ${organization}.`
          : null
  return (
    text && (
      <Notice kind="success" role="status">
        {text}
      </Notice>
    )
  )
}
