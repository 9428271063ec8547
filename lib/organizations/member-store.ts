import { and, asc, eq, isNull, sql } from "drizzle-orm"

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

/** Everybody who belongs to an organization, by name. */
export async function listMemberRows(organization_id: number): Promise<Member[]> {
  return read()
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
    .where(eq(members.organization_id, organization_id))
    .orderBy(asc(owners.username))
}

/** Part of the write that accepts an invitation. False when the person is a member already. */
export async function insertMember(tx: Db, organization_id: number, user_id: number, role: Role): Promise<boolean> {
  const added = await tx
    .insert(members)
    .values({ organization_id, user_id, role, joined_at: now() })
    .onConflictDoNothing()
    .returning({ role: members.role })
  return added.length > 0
}
