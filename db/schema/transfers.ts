import { sql } from "drizzle-orm"

import { id, index, integer, timestamp, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"

/** Transfer offers. */
export const transfers = table(
  "transfers",
  {
    id: id(),
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    from_id: integer()
      .notNull()
      .references(() => owners.id),
    to_id: integer()
      .notNull()
      .references(() => owners.id),
    offered_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
    /** Null while the offer is open. */
    ended_at: timestamp(),
    outcome: text().$type<"accepted" | "declined" | "withdrawn">(),
  },
  (t) => [
    uniqueIndex("transfers_open")
      .on(t.model_id)
      .where(sql`ended_at is null`),
    index("transfers_model").on(t.model_id, t.id),
    index("transfers_to")
      .on(t.to_id, t.id)
      .where(sql`ended_at is null`),
    index("transfers_from")
      .on(t.from_id, t.id)
      .where(sql`ended_at is null`),
  ],
)
