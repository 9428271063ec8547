import { and, asc, eq, isNull } from "drizzle-orm"

import { read, type Db } from "@/db"
import { members, owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { insertOrganizationAccount, removeNewAccount, type Account } from "@/lib/owners/store"
import { insertMember, maxOrganizations, type Role } from "./member-store"

/** A person's organizations, by name. */
export async function listOrganizationRows(user_id: number): Promise<{ organization: Account; role: Role }[]> {
  return read()
    .select({ organization: owners, role: members.role })
    .from(members)
    .innerJoin(owners, eq(owners.id, members.organization_id))
    .where(and(eq(members.user_id, user_id), isNull(owners.disabled_at)))
    .orderBy(asc(owners.username))
    .limit(maxOrganizations)
}

/**
 * Creates an organization with its first owner, or with nobody. Undefined if the name was ever used, "busy" if the
 * owner has as many organizations as they may; then nothing changes.
 */
export async function insertOrganization(
  tx: Db,
  fields: Pick<Account, "username" | "name"> & Partial<Pick<Account, "description">>,
  user_id: number | null,
  event: AuditEvent,
): Promise<Account | "busy" | undefined> {
  const organization = await insertOrganizationAccount(tx, { ...fields, created_at: now() })
  if (!organization) return undefined
  if (user_id !== null && (await insertMember(tx, organization.id, user_id, "owner")) !== "added") {
    await removeNewAccount(tx, organization.id)
    return "busy"
  }
  await recordEvent(tx, { ...event, owner_id: organization.id })
  return organization
}
