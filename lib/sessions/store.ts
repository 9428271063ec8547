import { and, desc, eq, gt, inArray, isNull, like, ne, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { locked } from "@/db/kit"
import { owners, sessions } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

export type Session = typeof sessions.$inferSelect

/**
 * Opens a session, within a larger write; false if the account is disabled. Beyond `most` sessions, those used longest
 * ago end.
 */
export async function insertSession(
  tx: Db,
  fields: typeof sessions.$inferInsert,
  { most, terms }: { most: number; terms: SessionValidity },
  event: AuditEvent,
): Promise<boolean> {
  const [enabled] = await locked(
    tx
      .select({ id: owners.id })
      .from(owners)
      .where(and(eq(owners.id, fields.owner_id), isNull(owners.disabled_at))),
    owners,
  )
  if (!enabled) return false
  await tx.insert(sessions).values(fields)
  await endOldest(tx, fields.owner_id, most, terms)
  await recordEvent(tx, event)
  return true
}

const openSession = preparedQuery("session_open", (db) =>
  db
    .select({ session: sessions, account: owners })
    .from(sessions)
    .innerJoin(owners, eq(owners.id, sessions.owner_id))
    .where(
      and(
        eq(sessions.id, sql.placeholder("id")),
        gt(sessions.expires_at, sql.placeholder("now")),
        gt(sessions.last_seen_at, sql.placeholder("seen_after")),
        isNull(sessions.revoked_at),
        isNull(owners.disabled_at),
      ),
    ),
)

/** The current time, and the time since which a session must have been used. */
export type SessionValidity = { now: string; seen_after: string }

/** The session and its account, unless it has ended or the account is disabled. */
export async function findOpenSession(id: string, terms: SessionValidity) {
  const [row] = await openSession().execute({ id, ...terms })
  return row
}

export async function revokeSession(id: string, revoked_at: string): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(sessions)
      .set({ revoked_at })
      .where(and(eq(sessions.id, id), isNull(sessions.revoked_at)))
  })
}

const open = (owner_id: number, { now, seen_after }: SessionValidity) =>
  and(
    eq(sessions.owner_id, owner_id),
    isNull(sessions.revoked_at),
    gt(sessions.expires_at, now),
    gt(sessions.last_seen_at, seen_after),
  )

/** Part of a write that opens a session. */
async function endOldest(tx: Db, owner_id: number, most: number, terms: SessionValidity): Promise<void> {
  const beyond = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(open(owner_id, terms))
    .orderBy(desc(sessions.last_seen_at), desc(sessions.id))
    .limit(1000)
    .offset(most)
  const ids = beyond.map(({ id }) => id)
  if (ids.length > 0) await tx.update(sessions).set({ revoked_at: terms.now }).where(inArray(sessions.id, ids))
}

/** The open sessions of an account, last seen first. */
export async function listSessionRows(owner_id: number, terms: SessionValidity): Promise<Session[]> {
  return read().select().from(sessions).where(open(owner_id, terms)).orderBy(desc(sessions.last_seen_at))
}

export async function touchSession(id: string, last_seen_at: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(sessions).set({ last_seen_at }).where(eq(sessions.id, id))
  })
}

/** Ends the session whose ID starts with this. False if the account has no such open session. */
export async function revokeSessionLike(
  tx: Db,
  owner_id: number,
  beginning: string,
  terms: SessionValidity,
  event: AuditEvent,
): Promise<boolean> {
  const ended = await tx
    .update(sessions)
    .set({ revoked_at: terms.now })
    .where(and(open(owner_id, terms), like(sessions.id, `${beginning}%`)))
    .returning({ id: sessions.id })
  if (ended.length > 0) await recordEvent(tx, event)
  return ended.length > 0
}

/** Ends all sessions of an account but one, within a larger write; returns how many ended. */
export async function revokeSessionsBut(tx: Db, owner_id: number, kept: string | null, now: string): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ revoked_at: now })
    .where(
      and(
        eq(sessions.owner_id, owner_id),
        isNull(sessions.revoked_at),
        gt(sessions.expires_at, now),
        kept === null ? undefined : ne(sessions.id, kept),
      ),
    )
    .returning({ id: sessions.id })
  return ended.length
}

/** `revokeSessionsBut`, with an audit event if any session ended. */
export async function revokeOtherSessions(
  tx: Db,
  owner_id: number,
  kept: string | null,
  now: string,
  event: AuditEvent,
): Promise<number> {
  const ended = await revokeSessionsBut(tx, owner_id, kept, now)
  if (ended > 0) await recordEvent(tx, { ...event, details: { sessions: ended } })
  return ended
}

/** Part of the write that deletes an account. */
export async function deleteSessions(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.owner_id, owner_id))
}
