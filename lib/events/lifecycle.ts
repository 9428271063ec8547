import { events } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { everyRow } from "@/lib/page"
import { listEvents } from "./list"
import { presentEvent } from "./present"

export const eventsLifecycle: AccountLifecycle = {
  tables: [events],
  disable: { kept: "What happened stays on record." },
  close: { kept: "What happened stays on record." },
  async export(actor) {
    const account = { id: actor.owner_id, username: actor.username }
    return { events: everyRow((cursor) => listEvents(actor, account, {}, cursor, 500), presentEvent) }
  },
}
