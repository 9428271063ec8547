import { and, asc, eq, gt, isNull, like, or } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { invitations, owners, sessions, tokens } from "@/db/schema"
import { outwaitTokens } from "@/lib/access/store"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { withdrawOffers } from "@/lib/transfers/store"
import type { Account } from "@/lib/owners/owner"

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
