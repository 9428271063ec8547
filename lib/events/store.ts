import { and, asc, desc, eq, inArray, isNull, sql } from "drizzle-orm"

import { read } from "@/db"
import { alias } from "@/db/kit"
import { events, owners, tokens } from "@/db/schema"
import type { Cursor } from "@/lib/page"

export type RecordedEvent = typeof events.$inferSelect & { actor: string | null; token: string | null }

/** The account whose events are listed, and the filters. */
export type EventList = { owner_id: number | null; actions?: string[]; actor?: string; via?: string }

/** Up to `limit + 1` events, newest first, from the cursor on and in its direction. */
export async function listEventRows(
  { owner_id, actions, actor, via }: EventList,
  cursor: Cursor | null,
  limit: number,
): Promise<RecordedEvent[]> {
  const [at, id] = cursor?.key ?? []
  const actors = alias(owners, "actors")
  const direction = cursor?.reverse ? asc : desc
  const beyond = sql`(${events.created_at}, ${events.id}) ${sql.raw(cursor?.reverse ? ">" : "<")} (${at}, ${id})`
  const rows = await read()
    .select({ event: events, actor: actors.username, token: tokens.name })
    .from(events)
    .leftJoin(actors, eq(actors.id, events.actor_id))
    .leftJoin(tokens, eq(tokens.id, events.token_id))
    .where(
      and(
        owner_id === null ? isNull(events.owner_id) : eq(events.owner_id, owner_id),
        actions && inArray(events.action, actions),
        actor === undefined ? undefined : eq(actors.username, actor),
        via === undefined ? undefined : eq(events.via, via as RecordedEvent["via"]),
        cursor ? beyond : undefined,
      ),
    )
    .orderBy(direction(events.created_at), direction(events.id))
    .limit(limit + 1)
  return rows.map(({ event, actor, token }) => ({ ...event, actor, token }))
}
