import { and, asc, count, eq, isNull, ne, or, sql, type SQL } from "drizzle-orm"

import { preparedQuery, read, type Db } from "@/db"
import { members, owners } from "@/db/schema"
import { now } from "@/lib/clock"

export type Role = (typeof members.$inferSelect)["role"]
export type Member = {
  user_id: number
  username: string
  name: string
  avatar_url: string | null
  role: Role
  joined_at: string
}

const rolesOfUser = preparedQuery("roles_of_user", (db) =>
  db
    .select({ organization_id: members.organization_id, role: members.role })
    .from(members)
    .innerJoin(owners, eq(owners.id, members.organization_id))
    .where(and(eq(members.user_id, sql.placeholder("user_id")), isNull(owners.disabled_at))),
)

export const listRoleRows = (user_id: number): Promise<{ organization_id: number; role: Role }[]> =>
  rolesOfUser().execute({ user_id })

/** Members of an organization: a page lists all of them. */
export const maxMembers = 1000
/** Organizations of a person: every request reads their roles, and pages list them. */
export const maxOrganizations = 100

const selectMembers = (where: SQL | undefined) =>
  read()
    .select({
      user_id: owners.id,
      username: owners.username,
      name: owners.name,
      avatar_url: owners.avatar_url,
      role: members.role,
      joined_at: members.joined_at,
    })
    .from(members)
    .innerJoin(owners, eq(owners.id, members.user_id))
    .where(where)

/** The members of an organization, by name. */
export async function listMemberRows(organization_id: number): Promise<Member[]> {
  return selectMembers(eq(members.organization_id, organization_id)).orderBy(asc(owners.username)).limit(maxMembers)
}

export async function findMember(organization_id: number, username: string): Promise<Member | undefined> {
  const [member] = await selectMembers(and(eq(members.organization_id, organization_id), eq(owners.username, username)))
  return member
}

/**
 * Part of the write that accepts an invitation. "full" if the organization has as many members as it may, "busy" if the
 * person has as many organizations.
 */
export async function insertMember(
  tx: Db,
  organization_id: number,
  user_id: number,
  role: Role,
): Promise<"added" | "member" | "full" | "busy"> {
  const added = await tx
    .insert(members)
    .values({ organization_id, user_id, role, joined_at: now() })
    .onConflictDoNothing()
    .returning({ role: members.role })
  if (added.length === 0) return "member"
  const outcome =
    (await countMembers(tx, eq(members.organization_id, organization_id))) > maxMembers
      ? "full"
      : (await countMembers(tx, eq(members.user_id, user_id))) > maxOrganizations
        ? "busy"
        : "added"
  if (outcome !== "added")
    await tx.delete(members).where(and(eq(members.organization_id, organization_id), eq(members.user_id, user_id)))
  return outcome
}

async function countMembers(tx: Db, which: SQL): Promise<number> {
  const [row] = await tx.select({ members: count() }).from(members).where(which)
  return row!.members
}

/**
 * Changes or removes a member's role. "changed" if the role is no longer `from`, "last" if no owner would be left;
 * then nothing changes.
 */
export async function changeMember(
  tx: Db,
  organization_id: number,
  user_id: number,
  from: Role,
  to: Role | null,
): Promise<"done" | "changed" | "last"> {
  const member = (role: Role) =>
    and(eq(members.organization_id, organization_id), eq(members.user_id, user_id), eq(members.role, role))
  const [before] =
    to === null
      ? await tx.delete(members).where(member(from)).returning()
      : await tx.update(members).set({ role: to }).where(member(from)).returning()
  if (!before) return "changed"
  if (await hasOwner(tx, organization_id)) return "done"
  if (to === null) await tx.insert(members).values(before)
  else await tx.update(members).set({ role: from }).where(member(to))
  return "last"
}

async function hasOwner(db: Db, organization_id: number, but_user = 0): Promise<boolean> {
  const [owner] = await db
    .select({ user_id: members.user_id })
    .from(members)
    .where(and(eq(members.organization_id, organization_id), eq(members.role, "owner"), ne(members.user_id, but_user)))
    .limit(1)
  return owner !== undefined
}

/** The organizations that only this person owns, by name. */
export async function listOnlyOwned(db: Db, user_id: number): Promise<string[]> {
  const owned = await db
    .select({ id: owners.id, username: owners.username })
    .from(members)
    .innerJoin(owners, eq(owners.id, members.organization_id))
    .where(and(eq(members.user_id, user_id), eq(members.role, "owner"), isNull(owners.disabled_at)))
  const only: string[] = []
  for (const { id, username } of owned) if (!(await hasOwner(db, id, user_id))) only.push(username)
  return only
}

/** Part of the write that deletes an account: removes its memberships and members. */
export async function deleteMemberships(tx: Db, account_id: number): Promise<void> {
  await tx.delete(members).where(or(eq(members.user_id, account_id), eq(members.organization_id, account_id)))
}
