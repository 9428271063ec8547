import { and, asc, count, eq, isNull } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { members, owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { withdrawOffers } from "@/lib/transfers/store"
import type { Account } from "@/lib/owners/store"
import { revokeTokensIssuedBy } from "@/lib/tokens/store"
import { endInvitationsBy } from "./invitation-store"
import type { Role } from "./member-store"

/** What somebody loses together with a role: the tokens they made for the organization, its models that they offered to others, and the invitations into all but these roles. */
export type Loss = { tokens: boolean; offers: boolean; invitationsBut: Role[] }

/** The organizations a person belongs to, by name. */
export async function listOrganizationRows(user_id: number): Promise<{ organization: Account; role: Role }[]> {
  return read()
    .select({ organization: owners, role: members.role })
    .from(members)
    .innerJoin(owners, eq(owners.id, members.organization_id))
    .where(and(eq(members.user_id, user_id), isNull(owners.disabled_at)))
    .orderBy(asc(owners.username))
}

/** Opens an organization with its first owner, or with nobody in it. Undefined when the name was ever used. */
export async function insertOrganization(
  fields: Pick<Account, "username" | "name"> & Partial<Pick<Account, "description">>,
  user_id: number | null,
  event: AuditEvent,
): Promise<Account | undefined> {
  return write(async (tx) => {
    const at = now()
    const [organization] = await tx
      .insert(owners)
      .values({ ...fields, type: "organization", is_admin: false, model_count: 0, created_at: at })
      .onConflictDoNothing()
      .returning()
    if (!organization) return undefined
    if (user_id !== null)
      await tx.insert(members).values({ organization_id: organization.id, user_id, role: "owner", joined_at: at })
    await recordEvent(tx, { ...event, owner_id: organization.id })
    return organization
  })
}

/** Gives a member another role. "changed" when the role is no longer `from`, "last" when no owner would be left. */
export async function changeMemberRole(
  organization_id: number,
  user_id: number,
  from: Role,
  to: Role,
  loss: Loss,
  event: AuditEvent,
) {
  return write(async (tx) => {
    const changed = await tx
      .update(members)
      .set({ role: to })
      .where(member(organization_id, user_id, from))
      .returning({ role: members.role })
    if (changed.length === 0) return "changed"
    if (await ownerless(tx, organization_id)) {
      await tx
        .update(members)
        .set({ role: from })
        .where(member(organization_id, user_id, to))
      return "last"
    }
    await recordEvent(tx, await lose(tx, organization_id, user_id, loss, event))
    return "done"
  })
}

/** Ends a membership and all that hung on it. "changed" when the role is no longer `from`, "last" when no owner would be left. */
export async function deleteMember(organization_id: number, user_id: number, from: Role, event: AuditEvent) {
  return write(async (tx) => {
    const [gone] = await tx
      .delete(members)
      .where(member(organization_id, user_id, from))
      .returning()
    if (!gone) return "changed"
    if (await ownerless(tx, organization_id)) {
      await tx.insert(members).values(gone)
      return "last"
    }
    await recordEvent(
      tx,
      await lose(tx, organization_id, user_id, { tokens: true, offers: true, invitationsBut: [] }, event),
    )
    return "done"
  })
}

const member = (organization_id: number, user_id: number, role: Role) =>
  and(eq(members.organization_id, organization_id), eq(members.user_id, user_id), eq(members.role, role))

async function ownerless(tx: Db, organization_id: number): Promise<boolean> {
  const [left] = await tx
    .select({ owners: count() })
    .from(members)
    .where(and(eq(members.organization_id, organization_id), eq(members.role, "owner")))
  return left!.owners === 0
}

/** Answers what happened, with what was lost. */
async function lose(
  tx: Db,
  organization_id: number,
  user_id: number,
  { tokens, offers, invitationsBut }: Loss,
  event: AuditEvent,
): Promise<AuditEvent> {
  if (tokens) await revokeTokensIssuedBy(tx, organization_id, user_id, now())
  await endInvitationsBy(tx, organization_id, user_id, invitationsBut)
  const withdrawn = offers ? await withdrawOffers(tx, { from_id: organization_id, offered_by: user_id }) : 0
  return withdrawn === 0 ? event : { ...event, details: { ...event.details, offers_withdrawn: withdrawn } }
}
