import { sql, type Placeholder } from "drizzle-orm"

import { preparedQueryWithin, type Db } from "@/db"
import { events } from "@/db/schema"

const columns = [
  "owner_id",
  "actor_id",
  "token_id",
  "action",
  "subject",
  "details",
  "via",
  "address",
  "created_at",
] as const
type Columns = Record<(typeof columns)[number], Placeholder>

// Prepared, because building the statement takes longer than running it.
const insertRow = preparedQueryWithin("event_insert", (tx) =>
  tx.insert(events).values(Object.fromEntries(columns.map((name) => [name, sql.placeholder(name)])) as Columns),
)

/** Part of the write that it records. */
export async function insertEvent(tx: Db, row: Record<(typeof columns)[number], unknown>): Promise<void> {
  await insertRow(tx).execute(row)
}
