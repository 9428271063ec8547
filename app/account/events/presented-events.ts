import { param } from "@/lib/next/page"
import type { RecordedEvent } from "@/lib/events/list"
import { presentEvent } from "@/lib/events/present"
import { EventFilter } from "@/lib/events/schema"
import { inWords } from "@/lib/events/words"
import type { Page } from "@/lib/page"

/** The filters in the query; blank and invalid ones are ignored. */
export function eventFilter(query: Record<string, string | string[] | undefined>) {
  const given = Object.fromEntries(
    (["topic", "actor", "via"] as const).flatMap((name) =>
      param(query[name]) ? [[name, param(query[name])!.trim()]] : [],
    ),
  )
  const filter = EventFilter.safeParse(given)
  return { filter: filter.success ? filter.data : {}, cursor: param(query.cursor) }
}

export const eventBodies = ({ rows, next, previous }: Page<RecordedEvent>) => ({
  events: rows.map((event) => inWords(presentEvent(event))),
  next,
  previous,
})
