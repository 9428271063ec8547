import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { requireAbility, type AccountRef } from "@/lib/access/require"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { actions, EventFilter } from "./schema"
import { listEventRows, type RecordedEvent } from "./store"

export type { RecordedEvent }

/** Events per page. */
const pageSize = 50

/**
 * A page of the audit events of an account, newest first. Throws what `requireAbility` throws, and `invalid` for a bad
 * filter or cursor.
 */
export async function listEvents(
  actor: Actor,
  account: AccountRef,
  filter: EventFilter = {},
  from?: string,
  limit = pageSize,
): Promise<Page<RecordedEvent>> {
  requireAbility(actor, account, "events")
  return list(account.id, filter, from, limit)
}

/** A page of the audit events of the installation. Throws what `requireAdministrator` throws. */
export async function listInstallationEvents(
  actor: Actor,
  filter: EventFilter = {},
  from?: string,
  limit = pageSize,
): Promise<Page<RecordedEvent>> {
  requireAdministrator(actor)
  return list(null, filter, from, limit)
}

async function list(
  owner_id: number | null,
  filter: EventFilter,
  from: string | undefined,
  limit: number,
): Promise<Page<RecordedEvent>> {
  const { topic, actor, via } = EventFilter.parse(filter)
  const cursor = from === undefined ? null : decodeCursor(from)
  const rows = await listEventRows(
    { owner_id, actor, via, actions: topic && Object.keys(actions[topic]) },
    cursor,
    limit,
  )
  return pageOf(rows, limit, cursor, (event) => [event.created_at, event.id])
}
