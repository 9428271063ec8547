import { and, eq, gt, isNull, or, sql } from "drizzle-orm"

import { preparedQueryWithin, type Db } from "@/db"
import { locked } from "@/db/kit"
import { members, owners, sessions, tokens } from "@/db/schema"
import type { Role } from "@/lib/auth/actor"
import { now } from "@/lib/clock"

// Rows that grant a right are locked where others may write at the same time: otherwise a write could finish after the
// right was revoked.

const account = { owner_id: owners.id, username: owners.username, is_admin: owners.is_admin }

const tokenInUse = preparedQueryWithin("access_token", (tx) =>
  locked(
    tx
      .select(account)
      .from(tokens)
      .innerJoin(owners, eq(owners.id, tokens.owner_id))
      .where(
        and(
          eq(tokens.id, sql.placeholder("id")),
          isNull(tokens.revoked_at),
          or(isNull(tokens.expires_at), gt(tokens.expires_at, sql.placeholder("now"))),
          isNull(owners.disabled_at),
        ),
      ),
    tokens,
  ),
)

/** The account of a token; undefined if it was revoked or has expired, or the account is disabled. */
export async function findCurrentToken(tx: Db, id: number) {
  const [row] = await tokenInUse(tx).execute({ id, now: now() })
  return row
}

const sessionOpen = preparedQueryWithin("access_session", (tx) =>
  locked(
    tx
      .select(account)
      .from(sessions)
      .innerJoin(owners, eq(owners.id, sessions.owner_id))
      .where(
        and(
          eq(sessions.id, sql.placeholder("id")),
          isNull(sessions.revoked_at),
          gt(sessions.expires_at, sql.placeholder("now")),
          isNull(owners.disabled_at),
        ),
      ),
    sessions,
  ),
)

/** The account of a session; undefined if it has ended, or the account is disabled. */
export async function findCurrentSession(tx: Db, id: string) {
  const [row] = await sessionOpen(tx).execute({ id, now: now() })
  return row
}

const accountInUse = preparedQueryWithin("access_account", (tx) =>
  tx
    .select(account)
    .from(owners)
    .where(and(eq(owners.id, sql.placeholder("id")), isNull(owners.disabled_at))),
)

/** Undefined if the account is disabled or deleted. */
export async function findCurrentAccount(tx: Db, id: number) {
  const [row] = await accountInUse(tx).execute({ id })
  return row
}

const rolesOfUser = preparedQueryWithin("access_roles", (tx) =>
  locked(
    tx
      .select({ organization_id: members.organization_id, role: members.role })
      .from(members)
      .innerJoin(owners, eq(owners.id, members.organization_id))
      .where(and(eq(members.user_id, sql.placeholder("user_id")), isNull(owners.disabled_at))),
    members,
  ),
)

const administrator = preparedQueryWithin("access_administrator", (tx) =>
  locked(
    tx
      .select({ is_admin: owners.is_admin })
      .from(owners)
      .where(eq(owners.id, sql.placeholder("id"))),
    owners,
  ),
)

/** Whether an account administers the installation, locked until the transaction ends. */
export async function administers(tx: Db, id: number): Promise<boolean> {
  const [row] = await administrator(tx).execute({ id })
  return row?.is_admin ?? false
}

/** A person's roles by organization. */
export async function findCurrentRoles(tx: Db, user_id: number): Promise<ReadonlyMap<number, Role>> {
  const rows = await rolesOfUser(tx).execute({ user_id })
  return new Map(rows.map(({ organization_id, role }) => [organization_id, role]))
}
