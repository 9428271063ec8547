import { and, asc, eq, gt, isNull, like, or } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { invitations, owners, password_links, sessions, tokens } from "@/db/schema"
import { outwaitTokens } from "@/lib/access/store"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { withdrawOffers } from "@/lib/models/moves-store"
import { revokeSessionsBut } from "@/lib/sessions/store"
import type { Account } from "./store"

/** Up to `limit + 1` accounts by name, disabled ones included, from `after` on; those that hold `query` in a name, if any is given. */
export async function listAccountsForAdmin(query: string, after: string, limit: number): Promise<Account[]> {
  const pattern = `%${query.replace(/[%_]/g, "")}%`
  return read()
    .select()
    .from(owners)
    .where(
      and(
        gt(owners.username, after),
        isNull(owners.deleted_at),
        query ? or(like(owners.username, pattern), like(owners.name, pattern)) : undefined,
      ),
    )
    .orderBy(asc(owners.username))
    .limit(limit + 1)
}

/** Closes an account to everybody, or opens it again. False when it is deleted or is so already. */
export async function setDisabled(id: number, disabled: boolean, event: AuditEvent): Promise<boolean> {
  return write(async (tx) => {
    const at = now()
    const changed = await tx
      .update(owners)
      .set({ disabled_at: disabled ? at : null })
      .where(and(eq(owners.id, id), isNull(owners.deleted_at)))
      .returning({ id: owners.id })
    if (changed.length === 0) return false
    if (disabled) await endWhatActsFor(tx, id, at)
    await recordEvent(tx, event)
    await recordEvent(tx, { ...event, owner_id: null })
    return true
  })
}

/** What was given out in the name of an account, or by it in that of an organization, works without its being signed in. */
async function endWhatActsFor(tx: Db, id: number, at: string) {
  await outwaitTokens(tx, id)
  await tx
    .update(sessions)
    .set({ revoked_at: at })
    .where(and(eq(sessions.owner_id, id), isNull(sessions.revoked_at)))
  await tx
    .update(tokens)
    .set({ revoked_at: at })
    .where(and(eq(tokens.issued_by, id), isNull(tokens.revoked_at)))
  for (const which of [invitations.organization_id, invitations.invited_by])
    await tx
      .update(invitations)
      .set({ ended_at: at })
      .where(and(eq(which, id), isNull(invitations.accepted_at), isNull(invitations.ended_at)))
  for (const which of ["from_id", "offered_by"] as const) await withdrawOffers(tx, { [which]: id })
}

/** Makes a person an administrator, or no longer one. False when nobody else would be. */
export async function setAdministrator(id: number, is_admin: boolean, event: AuditEvent): Promise<boolean> {
  return write(async (tx) => {
    await tx.update(owners).set({ is_admin }).where(eq(owners.id, id))
    const [left] = await tx
      .select({ id: owners.id })
      .from(owners)
      .where(and(eq(owners.is_admin, true), isNull(owners.disabled_at)))
      .limit(1)
    if (!left) {
      await tx.update(owners).set({ is_admin: true }).where(eq(owners.id, id))
      return false
    }
    await recordEvent(tx, event)
    await recordEvent(tx, { ...event, owner_id: null })
    return true
  })
}

/** Keeps a link; an earlier one to the same account ends. */
export async function insertPasswordLink(
  fields: Omit<typeof password_links.$inferInsert, "created_at" | "used_at">,
  event: AuditEvent,
): Promise<void> {
  await write(async (tx) => {
    await tx.delete(password_links).where(eq(password_links.owner_id, fields.owner_id))
    await tx.insert(password_links).values({ ...fields, created_at: now() })
    await recordEvent(tx, event)
    await recordEvent(tx, { ...event, owner_id: null })
  })
}

const usable = (hash: string) =>
  and(
    eq(password_links.hash, hash),
    isNull(password_links.used_at),
    gt(password_links.expires_at, now()),
    isNull(owners.disabled_at),
  )

/** Whose password the link sets; undefined once it was used or has expired. */
export async function findPasswordLink(hash: string): Promise<{ owner_id: number; username: string } | undefined> {
  const [link] = await read()
    .select({ owner_id: owners.id, username: owners.username })
    .from(password_links)
    .innerJoin(owners, eq(owners.id, password_links.owner_id))
    .where(usable(hash))
  return link
}

/** Uses the link up: sets the password and ends every session. False when it was used already. */
export async function usePasswordLink(
  hash: string,
  owner_id: number,
  password_hash: string,
  event: AuditEvent,
): Promise<boolean> {
  return write(async (tx) => {
    const used = await tx
      .update(password_links)
      .set({ used_at: now() })
      .where(and(eq(password_links.hash, hash), isNull(password_links.used_at)))
      .returning()
    if (used.length === 0) return false
    await tx.update(owners).set({ password_hash }).where(eq(owners.id, owner_id))
    await revokeSessionsBut(tx, owner_id, null, now())
    await recordEvent(tx, event)
    return true
  })
}
