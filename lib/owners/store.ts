import { and, asc, eq, inArray, isNull, lt, sql } from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, read, write, type Db } from "@/db"
import { locked } from "@/db/kit"
import { owners } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import type { Guard } from "@/lib/revision"

export type Account = typeof owners.$inferSelect

const byUsername = preparedQuery("owner_by_username", (db) =>
  db
    .select()
    .from(owners)
    .where(eq(owners.username, sql.placeholder("username"))),
)

export async function findAccountRow(username: string): Promise<Account | undefined> {
  const [owner] = await byUsername().execute({ username })
  return owner
}

/** Locks an account until the transaction ends; undefined if there is none. */
export async function lockAccount(tx: Db, id: number): Promise<Account | undefined> {
  const [account] = await locked(tx.select().from(owners).where(eq(owners.id, id)), owners)
  return account
}

export async function findAccountByGithub(github_id: string): Promise<Account | undefined> {
  const [owner] = await read().select().from(owners).where(eq(owners.github_id, github_id))
  return owner
}

/** Whether there was ever a user account; the organization of the bundled models does not count. */
export async function anyUserRow(db: Db = read()): Promise<boolean> {
  const [user] = await db.select({ id: owners.id }).from(owners).where(eq(owners.type, "user")).limit(1)
  return user !== undefined
}

/** The first user becomes the administrator. Undefined if the name was ever used. */
export async function insertUserRow(
  fields: Omit<typeof owners.$inferInsert, "is_admin">,
  event: AuditEvent,
): Promise<Account | undefined> {
  return write(async (tx) => {
    const isFirst = !(await anyUserRow(tx))
    const [owner] = await tx
      .insert(owners)
      .values({ ...fields, is_admin: isFirst })
      .onConflictDoNothing()
      .returning()
    if (owner) await recordEvent(tx, { ...event, owner_id: owner.id })
    return owner
  })
}

/** Creates the account of an organization, within a larger write. Undefined if the name was ever used. */
export async function insertOrganizationAccount(
  tx: Db,
  fields: Pick<Account, "username" | "name" | "created_at"> & Partial<Pick<Account, "description">>,
): Promise<Account | undefined> {
  const [organization] = await tx
    .insert(owners)
    .values({ ...fields, type: "organization", is_admin: false, model_count: 0 })
    .onConflictDoNothing()
    .returning()
  return organization
}

/** Removes an account that the same write has created, so that its name stays free. */
export async function removeNewAccount(tx: Db, id: number): Promise<void> {
  await tx.delete(owners).where(eq(owners.id, id))
}

/** Changes the password of an account, within a larger write that ends its sessions. */
export async function setPasswordHash(tx: Db, id: number, password_hash: string): Promise<void> {
  await tx.update(owners).set({ password_hash }).where(eq(owners.id, id))
}

export const listAccountRows = (): Promise<Account[]> =>
  Promise.resolve(read().select().from(owners).where(isNull(owners.disabled_at)).orderBy(asc(owners.username)))

/** Reserves a model slot of the account; false if none is left. */
export async function reserveModelSlot(tx: Db, owner_id: number, limit: number): Promise<boolean> {
  return (await reserveSlot(tx).execute({ owner_id, limit })).length > 0
}
const reserveSlot = preparedQueryWithin("owner_reserve_model", (tx) =>
  tx
    .update(owners)
    .set({ model_count: sql`${owners.model_count} + 1` })
    .where(and(eq(owners.id, sql.placeholder("owner_id")), lt(owners.model_count, sql.placeholder("limit"))))
    .returning({ id: owners.id }),
)

export async function releaseModelSlot(tx: Db, owner_id: number): Promise<void> {
  await tx
    .update(owners)
    .set({ model_count: sql`${owners.model_count} - 1` })
    .where(eq(owners.id, owner_id))
}

type Profile = Partial<Pick<Account, "name" | "description" | "avatar_url" | "github_url" | "email">>

/** Undefined if the account is gone. */
export async function updateAccountRow(
  tx: Db,
  id: number,
  fields: Profile,
  event: AuditEvent,
  guard?: Guard<Account>,
): Promise<Account | undefined> {
  if (guard) for (const current of await tx.select().from(owners).where(eq(owners.id, id))) guard(current)
  const [owner] = await tx
    .update(owners)
    .set(fields)
    .where(and(eq(owners.id, id), isNull(owners.deleted_at)))
    .returning()
  if (owner) await recordEvent(tx, event)
  return owner
}

export async function findUsernames(ids: number[]): Promise<{ id: number; username: string }[]> {
  return ids.length === 0
    ? []
    : read().select({ id: owners.id, username: owners.username }).from(owners).where(inArray(owners.id, ids))
}

/** Disables or enables an account. False if it is deleted. */
export async function setDisabled(tx: Db, id: number, disabled_at: string | null): Promise<boolean> {
  const changed = await tx
    .update(owners)
    .set({ disabled_at })
    .where(and(eq(owners.id, id), isNull(owners.deleted_at)))
    .returning({ id: owners.id })
  return changed.length > 0
}

/** Clears a deleted account permanently and keeps its name. */
export async function emptyAccount(tx: Db, id: number, at: string): Promise<void> {
  await tx
    .update(owners)
    .set({
      name: sql`${owners.username}`,
      password_hash: null,
      github_id: null,
      github_url: null,
      avatar_url: null,
      description: null,
      email: null,
      is_admin: false,
      disabled_at: at,
      deleted_at: at,
    })
    .where(eq(owners.id, id))
}

/** Whether this account is the only administrator. */
export async function isOnlyAdministrator(db: Db, id: number): Promise<boolean> {
  const administrators = await db
    .select({ id: owners.id })
    .from(owners)
    .where(and(eq(owners.is_admin, true), isNull(owners.disabled_at)))
    .limit(2)
  return administrators.length === 1 && administrators[0]!.id === id
}

/** Makes a person an administrator, or removes them. False, without a change, for the last one. */
export async function setAdministrator(tx: Db, id: number, is_admin: boolean): Promise<boolean> {
  if (!is_admin && (await isOnlyAdministrator(tx, id))) return false
  await tx.update(owners).set({ is_admin }).where(eq(owners.id, id))
  return true
}
