import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core"

import { id, index, integer, json, timestamp, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"

/** API tokens; only their hashes are stored. */
export const tokens = table(
  "tokens",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /**
     * The person who created it, if that is not the account: an organization's token ends when its creator loses the
     * right to create tokens.
     */
    issued_by: integer().references(() => owners.id),
    name: text().notNull(),
    /** SHA-256 of the token in hex. */
    hash: text().notNull(),
    /** The last four characters, to recognize it. */
    ending: text().notNull(),
    scopes: json().$type<("read" | "write" | "push")[]>().notNull(),
    /** The only model it may push to, if it is limited to one. */
    model_id: integer().references((): AnySQLiteColumn => models.id, { onDelete: "cascade" }),
    created_at: timestamp().notNull(),
    last_used_at: timestamp(),
    expires_at: timestamp(),
    revoked_at: timestamp(),
  },
  (t) => [uniqueIndex("tokens_hash").on(t.hash), index("tokens_owner").on(t.owner_id, t.id)],
)
