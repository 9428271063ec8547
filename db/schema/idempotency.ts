import { index, integer, json, timestamp, primaryKey, table, text } from "@/db/kit"
import { owners } from "./owners"

/** Requests with an Idempotency-Key and their responses, for a day. */
export const idempotency_keys = table(
  "idempotency_keys",
  {
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    key: text().notNull(),
    /** SHA-256 of the method, the path and the body, in hex. */
    request: text().notNull(),
    /** The request that does the work, as long as it renews this claim. */
    claim: text().notNull(),
    claimed_until: timestamp().notNull(),
    /** Null while the work is running. */
    status: integer(),
    headers: json().$type<Record<string, string>>(),
    body: text(),
    expires_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.key] }), index("idempotency_keys_expiry").on(t.expires_at)],
)
