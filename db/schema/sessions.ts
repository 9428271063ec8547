import { index, integer, moment, table, text } from "@/db/kit"
import { owners } from "./owners"

/** A browser that is signed in. */
export const sessions = table(
  "sessions",
  {
    /** SHA-256 of the secret in the cookie, in hex. */
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    address: text(),
    user_agent: text(),
    created_at: moment().notNull(),
    last_seen_at: moment().notNull(),
    expires_at: moment().notNull(),
    revoked_at: moment(),
  },
  (t) => [index("sessions_owner").on(t.owner_id)],
)
