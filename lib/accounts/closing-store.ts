import { and, count, eq, isNull, ne } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { idempotency_keys, invitations, members, owners, sessions, tokens, webhook_secrets } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { forgetFactor } from "@/lib/two-factor/store"
import { withdrawOffers } from "@/lib/transfers/store"

/** What stands in the way of deleting an account. */
export type Blockers = {
  models: number
  /** Organizations that would be left without an owner. */
  organizations: string[]
  /** No other account could administer the instance. */
  administrator: boolean
}

export const findBlockers = (id: number): Promise<Blockers> => blockersOf(read(), id)

const isBlocked = ({ models, organizations, administrator }: Blockers) =>
  models > 0 || organizations.length > 0 || administrator

/** Empties an account for good and keeps its name. Answers what is in the way instead, as it is within this very transaction. */
export async function closeAccountRow(id: number, event: AuditEvent): Promise<Blockers | null> {
  return write(async (tx) => {
    const blockers = await blockersOf(tx, id)
    if (isBlocked(blockers)) return blockers
    const at = now()
    const [owner] = await tx.select({ username: owners.username }).from(owners).where(eq(owners.id, id))
    await tx
      .update(owners)
      .set({
        name: owner!.username,
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
    await tx.delete(sessions).where(eq(sessions.owner_id, id))
    await forgetFactor(tx, id)
    await tx.delete(webhook_secrets).where(eq(webhook_secrets.owner_id, id))
    await tx.delete(idempotency_keys).where(eq(idempotency_keys.owner_id, id))
    await tx.delete(members).where(eq(members.user_id, id))
    await tx.delete(members).where(eq(members.organization_id, id))
    for (const which of [tokens.owner_id, tokens.issued_by])
      await tx
        .update(tokens)
        .set({ revoked_at: at })
        .where(and(eq(which, id), isNull(tokens.revoked_at)))
    for (const which of [invitations.organization_id, invitations.user_id, invitations.invited_by])
      await tx
        .update(invitations)
        .set({ ended_at: at })
        .where(and(eq(which, id), isNull(invitations.accepted_at), isNull(invitations.ended_at)))
    for (const which of ["to_id", "offered_by"] as const) await withdrawOffers(tx, { [which]: id })
    await recordEvent(tx, event)
    return null
  })
}

async function blockersOf(db: Db, id: number): Promise<Blockers> {
  const [owner] = await db
    .select({ model_count: owners.model_count, is_admin: owners.is_admin })
    .from(owners)
    .where(eq(owners.id, id))
  const owned = await db
    .select({ id: owners.id, username: owners.username })
    .from(members)
    .innerJoin(owners, eq(owners.id, members.organization_id))
    .where(and(eq(members.user_id, id), eq(members.role, "owner"), isNull(owners.disabled_at)))

  const organizations: string[] = []
  for (const organization of owned) {
    const [others] = await db
      .select({ owners: count() })
      .from(members)
      .where(and(eq(members.organization_id, organization.id), eq(members.role, "owner"), ne(members.user_id, id)))
    if (others!.owners === 0) organizations.push(organization.username)
  }

  const [admins] = await db
    .select({ others: count() })
    .from(owners)
    .where(and(eq(owners.is_admin, true), isNull(owners.disabled_at), ne(owners.id, id)))
  return { models: owner!.model_count, organizations, administrator: owner!.is_admin && admins!.others === 0 }
}
