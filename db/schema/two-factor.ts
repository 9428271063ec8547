import { integer, timestamp, primaryKey, table, text } from "@/db/kit"
import { owners } from "./owners"

/** Authenticator apps. A row exists only while two-step sign-in is on. */
export const second_factors = table("second_factors", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  /** The secret of its codes, sealed. */
  secret: text().notNull(),
  /** The time step of the last accepted code: it and earlier ones are invalid. */
  last_step: integer().notNull(),
  created_at: timestamp().notNull(),
})

/** Single-use recovery codes. */
export const recovery_codes = table(
  "recovery_codes",
  {
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** Hashed like passwords. */
    hash: text().notNull(),
    used_at: timestamp(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.hash] })],
)
