import { and, eq, gt, isNull, sql } from "drizzle-orm"

import { hot, write } from "@/db"
import { owners, sessions } from "@/db/schema"
import { recordEvent, type Happening } from "@/lib/events/store"

export type Session = typeof sessions.$inferSelect

export async function insertSession(fields: typeof sessions.$inferInsert, happening: Happening): Promise<void> {
  await write(async (tx) => {
    await tx.insert(sessions).values(fields)
    await recordEvent(tx, happening)
  })
}

const openSession = hot("session_open", (db) =>
  db
    .select({ session: sessions, owner: owners })
    .from(sessions)
    .innerJoin(owners, eq(owners.id, sessions.owner_id))
    .where(
      and(
        eq(sessions.id, sql.placeholder("id")),
        gt(sessions.expires_at, sql.placeholder("now")),
        isNull(sessions.revoked_at),
        isNull(owners.disabled_at),
      ),
    ))

/** The session and its account, unless it has ended or the account was disabled. */
export async function findOpenSession(id: string, now: string) {
  const [row] = await openSession().execute({ id, now })
  return row
}

export async function revokeSession(id: string, revoked_at: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(sessions).set({ revoked_at }).where(and(eq(sessions.id, id), isNull(sessions.revoked_at)))
  })
}
