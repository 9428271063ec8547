import { index, integer, timestamp, table, text } from "@/db/kit"
import { owners } from "./owners"

/** Sessions of signed-in browsers. */
export const sessions = table(
  "sessions",
  {
    /** SHA-256 of the cookie's secret in hex. */
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    address: text(),
    user_agent: text(),
    created_at: timestamp().notNull(),
    last_seen_at: timestamp().notNull(),
    expires_at: timestamp().notNull(),
    revoked_at: timestamp(),
  },
  (t) => [index("sessions_owner").on(t.owner_id)],
)
