import { sql } from "drizzle-orm"

import { id, index, integer, json, moment, table, text } from "@/db/kit"
import { owners } from "./owners"
import { tokens } from "./tokens"

/** Who did what to an account and what belongs to it. Rows are only ever added, in the transaction of what they tell of. */
export const events = table(
  "events",
  {
    id: id(),
    /** The account it happened to; null for what concerns the instance. */
    owner_id: integer().references(() => owners.id),
    /** Who did it; null for nobody with an account, such as a stranger who signs up. */
    actor_id: integer().references(() => owners.id),
    token_id: integer().references(() => tokens.id),
    action: text().notNull(),
    /** The name of the thing: a model, a token, a person. */
    subject: text(),
    /** What changed, as far as it is nobody's secret. */
    details: json().$type<Record<string, string | number | boolean | null>>().notNull(),
    via: text().$type<"web" | "api" | "registry" | "cli">().notNull(),
    address: text(),
    created_at: moment().notNull(),
  },
  (t) => [
    index("events_owner").on(t.owner_id, t.created_at, t.id),
    index("events_instance")
      .on(t.created_at, t.id)
      .where(sql`owner_id is null`),
  ],
)
