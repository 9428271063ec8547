import { preparedQueryWithin, type Db } from "@/db"
import { placeholdersFor } from "@/db/kit"
import { events } from "@/db/schema"

const insertRow = preparedQueryWithin("event_insert", (tx) => tx.insert(events).values(placeholdersFor(events, ["id"])))

/** Part of the write that it records. */
export async function insertEvent(tx: Db, row: Omit<typeof events.$inferSelect, "id">): Promise<void> {
  await insertRow(tx).execute(row)
}
