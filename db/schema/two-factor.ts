import { integer, moment, primaryKey, table, text } from "@/db/kit"
import { owners } from "./owners"

/** The authenticator app that somebody signs in with besides their password. A row is there only while two-step sign-in is on. */
export const second_factors = table("second_factors", {
  owner_id: integer()
    .primaryKey()
    .references(() => owners.id),
  /** What its codes are made from, sealed. */
  secret: text().notNull(),
  /** The time step of the last code that was accepted: it and those before it are good no more. */
  last_step: integer().notNull(),
  created_at: moment().notNull(),
})

/** What takes the place of a code when the app is lost, each once. */
export const recovery_codes = table(
  "recovery_codes",
  {
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** As passwords are kept. */
    hash: text().notNull(),
    used_at: moment(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.hash] })],
)
