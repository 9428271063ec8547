import { type Db } from "@/db"
import { now } from "@/lib/clock"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import { setPasswordHash } from "@/lib/owners/store"
import { revokeSessionsBut } from "@/lib/sessions/store"

/** Changes the password of an account and ends every session but the given one. */
export async function replacePassword(
  tx: Db,
  id: number,
  password_hash: string,
  keptSession: string | null,
  event: AuditEvent,
): Promise<void> {
  await setPasswordHash(tx, id, password_hash)
  const ended = await revokeSessionsBut(tx, id, keptSession, now())
  await recordEvent(tx, { ...event, details: { ...event.details, sessions_ended: ended } })
}
