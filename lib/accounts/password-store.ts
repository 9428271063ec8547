import { eq } from "drizzle-orm"

import { type Db } from "@/db"
import { owners } from "@/db/schema"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { revokeSessionsBut } from "@/lib/sessions/store"

/** Changes the password of an account and ends every session but the given one. */
export async function replacePassword(
  tx: Db,
  id: number,
  password_hash: string,
  keptSession: string | null,
  event: AuditEvent,
): Promise<void> {
  await tx.update(owners).set({ password_hash }).where(eq(owners.id, id))
  const ended = await revokeSessionsBut(tx, id, keptSession, now())
  await recordEvent(tx, { ...event, details: { ...event.details, sessions_ended: ended } })
}
