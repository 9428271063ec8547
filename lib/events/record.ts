import type { Db } from "@/db"
import { events } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { insertEvent } from "./record-store"
import type { Action } from "./schema"

/** An audit event to be recorded. */
export type AuditEvent = Omit<typeof events.$inferInsert, "id" | "created_at">

/**
 * Builds an audit event: what `actor` does to the account `owner_id`, or to the installation if that is null. The store
 * that makes the change records it in the same transaction. `details` says what changed, without secrets.
 */
export const auditEvent = ({
  actor,
  owner_id,
  action,
  subject = null,
  details = {},
}: {
  actor: Pick<Actor, "owner_id" | "via" | "token_id" | "address"> | null
  owner_id: number | null
  action: Action
  subject?: string | null
  details?: AuditEvent["details"]
}): AuditEvent => ({
  owner_id,
  actor_id: actor?.owner_id ?? null,
  token_id: actor?.token_id ?? null,
  action,
  subject,
  details,
  via: actor?.via ?? "web",
  address: actor?.address ?? null,
})

/** Records an event in the transaction of the change, so that neither exists without the other. */
export async function recordEvent(tx: Db, event: AuditEvent): Promise<void> {
  const { owner_id = null, actor_id = null, token_id = null, subject = null, address = null } = event
  await insertEvent(tx, { ...event, owner_id, actor_id, token_id, subject, address, created_at: now() })
}
