import { and, asc, count, desc, eq, gt, isNotNull, isNull, notInArray, sql, type SQL } from "drizzle-orm"

import { preparedQuery, read, type Db } from "@/db"
import { alias } from "@/db/kit"
import { invitations, owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { insertMember, type Role } from "./member-store"

/** A pending invitation, with the names people read. */
export type Invitation = {
  id: number
  organization_id: number
  organization: string
  organization_name: string
  avatar_url: string | null
  role: Role
  /** Null for a link. */
  user: string | null
  invited_by: string
  invited_by_id: number
  created_at: string
  expires_at: string
}

const pending = () =>
  and(isNull(invitations.accepted_at), isNull(invitations.ended_at), gt(invitations.expires_at, now()))

/** Pending invitations of an organization: a page lists all of them. */
export const maxInvitations = 1000
/** The number of invitations that a person sees, the newest ones, because anybody may invite a person. */
export const shownInvitations = 100

async function listPending(which: SQL | undefined, limit: number, direction = asc): Promise<Invitation[]> {
  const organizations = alias(owners, "organizations")
  const inviters = alias(owners, "inviters")
  const invitees = alias(owners, "invitees")
  return read()
    .select({
      id: invitations.id,
      organization_id: invitations.organization_id,
      organization: organizations.username,
      organization_name: organizations.name,
      avatar_url: organizations.avatar_url,
      role: invitations.role,
      user: invitees.username,
      invited_by: inviters.username,
      invited_by_id: invitations.invited_by,
      created_at: invitations.created_at,
      expires_at: invitations.expires_at,
    })
    .from(invitations)
    .innerJoin(organizations, eq(organizations.id, invitations.organization_id))
    .innerJoin(inviters, eq(inviters.id, invitations.invited_by))
    .leftJoin(invitees, eq(invitees.id, invitations.user_id))
    .where(and(which, pending(), isNull(organizations.disabled_at)))
    .orderBy(direction(invitations.id))
    .limit(limit)
}

export const listInvitationRows = (organization_id: number) =>
  listPending(eq(invitations.organization_id, organization_id), maxInvitations)
/** The newest pending invitations of a person. */
export const listInvitationRowsFor = (user_id: number) =>
  listPending(eq(invitations.user_id, user_id), shownInvitations, desc)

/** A pending invitation of an organization or of a person. */
export async function findInvitation(
  id: number,
  of: { organization_id: number } | { user_id: number },
): Promise<Invitation | undefined> {
  const whose =
    "user_id" in of ? eq(invitations.user_id, of.user_id) : eq(invitations.organization_id, of.organization_id)
  const [invitation] = await listPending(and(eq(invitations.id, id), whose), 1)
  return invitation
}

const pendingFor = preparedQuery("invitations_pending_for", (db) => {
  const waiting = db
    .select({ id: invitations.id })
    .from(invitations)
    .where(
      and(
        eq(invitations.user_id, sql.placeholder("user_id")),
        isNull(invitations.accepted_at),
        isNull(invitations.ended_at),
        gt(invitations.expires_at, sql.placeholder("now")),
      ),
    )
    .limit(shownInvitations)
    .as("waiting")
  return db.select({ waiting: count() }).from(waiting)
})

/** The number of a person's pending invitations, counted up to `shownInvitations`. */
export async function countPendingFor(user_id: number): Promise<number> {
  const [row] = await pendingFor().execute({ user_id, now: now() })
  return row!.waiting
}

export async function findInvitationByHash(hash: string): Promise<Invitation | undefined> {
  const [invitation] = await listPending(and(eq(invitations.hash, hash), isNotNull(invitations.hash)), 1)
  return invitation
}

/** False if that person already has a pending invitation, "full" if the organization has as many as it may. */
export async function insertInvitation(
  tx: Db,
  fields: Omit<typeof invitations.$inferInsert, "id" | "created_at" | "accepted_at" | "ended_at">,
  event: AuditEvent,
): Promise<boolean | "full"> {
  if (fields.user_id) {
    const [existing] = await tx
      .select({ id: invitations.id })
      .from(invitations)
      .where(
        and(
          eq(invitations.organization_id, fields.organization_id),
          eq(invitations.user_id, fields.user_id),
          pending(),
        ),
      )
    if (existing) return false
  }
  const [held] = await tx
    .select({ pending: count() })
    .from(invitations)
    .where(and(eq(invitations.organization_id, fields.organization_id), pending()))
  if (held!.pending >= maxInvitations) return "full"
  await tx.insert(invitations).values({ ...fields, created_at: now() })
  await recordEvent(tx, event)
  return true
}

/**
 * Makes a person a member. "gone" if the invitation is no longer pending; if `insertMember` refuses, it is not used up.
 */
export async function acceptInvitationRow(
  tx: Db,
  { id, organization_id, role }: Invitation,
  user_id: number,
  event: AuditEvent,
): Promise<"joined" | "gone" | "member" | "full" | "busy"> {
  const accepted = await tx
    .update(invitations)
    .set({ accepted_at: now() })
    .where(and(eq(invitations.id, id), pending()))
    .returning({ id: invitations.id })
  if (accepted.length === 0) return "gone"
  const outcome = await insertMember(tx, organization_id, user_id, role)
  if (outcome !== "added") {
    await tx.update(invitations).set({ accepted_at: null }).where(eq(invitations.id, id))
    return outcome
  }
  await recordEvent(tx, event)
  return "joined"
}

/** False if it is no longer pending. */
export async function endInvitationRow(tx: Db, id: number, event: AuditEvent): Promise<boolean> {
  const ended = await tx
    .update(invitations)
    .set({ ended_at: now() })
    .where(and(eq(invitations.id, id), pending()))
    .returning({ id: invitations.id })
  if (ended.length === 0) return false
  await recordEvent(tx, event)
  return true
}

/**
 * Part of a write that changes an account or a role: ends the invitations it sent or received, except for some roles.
 */
export async function endInvitations(
  tx: Db,
  which: { organization_id?: number; user_id?: number; invited_by?: number },
  but: Role[] = [],
): Promise<void> {
  const named = (["organization_id", "user_id", "invited_by"] as const).flatMap((column) =>
    which[column] === undefined ? [] : [eq(invitations[column], which[column])],
  )
  await tx
    .update(invitations)
    .set({ ended_at: now() })
    .where(
      and(
        isNull(invitations.accepted_at),
        isNull(invitations.ended_at),
        ...named,
        but.length ? notInArray(invitations.role, but) : undefined,
      ),
    )
}
