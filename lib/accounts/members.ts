import { abilityToAssign } from "@/lib/access/policy"
import { requireAbility } from "@/lib/access/require"
import { writeAs, type Right } from "@/lib/access/write-as"
import type { Actor, Role } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { auditEvent, recordEvent, type AuditEvent } from "@/lib/events/record"
import { changeMember, findMemberNamed, type Member } from "@/lib/organizations/organization"
import { RoleInput } from "@/lib/organizations/schema"
import type { Account } from "@/lib/owners/owner"
import { missing, problem } from "@/lib/problem"
import { endWithRole } from "./lifecycle"

/**
 * Changes the role of a member; what the new role does not allow (tokens, offers, invitations) ends immediately.
 * Throws what `requireAbility` throws, `missing` for an unknown member, `invalid` for the last owner.
 */
export async function changeRole(actor: Actor, organization: Account, username: string, input: Role): Promise<void> {
  const role = RoleInput.parse(input)
  const member = await requireMember(actor, organization, username)
  requireAbility(actor, organization, abilityToAssign(member.role, role))
  if (member.role === role) return

  const event = auditEvent({
    actor,
    owner_id: organization.id,
    action: "member.changed",
    subject: username,
    details: { from: member.role, to: role },
  })
  await change(
    actor,
    { account: organization, ability: abilityToAssign(member.role, role) },
    organization,
    member,
    role,
    event,
  )
}

/** Removes a member, and everything they could do there. Throws as `changeRole`. */
export async function removeMember(actor: Actor, organization: Account, username: string): Promise<void> {
  if (username === actor.username) return leaveOrganization(actor, organization)
  const member = await requireMember(actor, organization, username)
  requireAbility(actor, organization, abilityToAssign(member.role))
  const event = auditEvent({
    actor,
    owner_id: organization.id,
    action: "member.removed",
    subject: username,
    details: { role: member.role },
  })
  await change(
    actor,
    { account: organization, ability: abilityToAssign(member.role) },
    organization,
    member,
    null,
    event,
  )
}

/** Ends the actor's own membership. Throws `missing` if there is none, `invalid` for the last owner. */
export async function leaveOrganization(actor: Actor, organization: Account): Promise<void> {
  const role = actor.roles?.get(organization.id)
  if (!role) throw missing()
  const event = auditEvent({
    actor,
    owner_id: organization.id,
    action: "member.left",
    subject: organization.username,
    details: { role },
  })
  await change(actor, { scope: "write" }, organization, { user_id: actor.owner_id, role }, null, event)
}

async function requireMember(actor: Actor, organization: Account, username: string): Promise<Member> {
  const member = await findMemberNamed(actor, organization, username)
  if (!member) throw missing()
  return member
}

/** Changes the membership, and ends tokens, offers and invitations that the new role does not allow. */
async function change(
  actor: Actor,
  right: Right,
  organization: Account,
  { user_id, role: from }: Pick<Member, "user_id" | "role">,
  role: Role | null,
  event: AuditEvent,
): Promise<void> {
  const organization_id = organization.id
  const outcome = await writeAs(actor, right, async (tx) => {
    const outcome = await changeMember(tx, organization_id, user_id, from, role)
    if (outcome !== "done") return outcome
    const ended = await endWithRole(tx, { organization_id, user_id, role, at: now() })
    await recordEvent(tx, { ...event, details: { ...event.details, ...ended } })
    return outcome
  })
  if (outcome === "changed")
    throw problem("conflict", "Somebody else changed this membership at the same time. Reload the page and check it.")
  if (outcome === "last")
    throw problem("invalid", `${organization.username} needs an owner. Make another member an owner first.`)
}
