import { sql } from "drizzle-orm"

import { id, index, integer, json, timestamp, table, text } from "@/db/kit"
import { owners } from "./owners"
import { tokens } from "./tokens"

/** Audit events. Rows are only added, in the transaction of the change. */
export const events = table(
  "events",
  {
    id: id(),
    /** The affected account; null for the installation. */
    owner_id: integer().references(() => owners.id),
    /** The account that acted; null without one, such as at sign-up. */
    actor_id: integer().references(() => owners.id),
    token_id: integer().references(() => tokens.id),
    action: text().notNull(),
    /** The name of the affected model, token or person. */
    subject: text(),
    /** Details of the change, without secrets. */
    details: json().$type<Record<string, string | number | boolean | null>>().notNull(),
    via: text().$type<"web" | "api" | "registry" | "cli">().notNull(),
    address: text(),
    created_at: timestamp().notNull(),
  },
  (t) => [
    index("events_owner").on(t.owner_id, t.created_at, t.id),
    index("events_installation")
      .on(t.created_at, t.id)
      .where(sql`owner_id is null`),
  ],
)
