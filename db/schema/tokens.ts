import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core"

import { id, index, integer, json, moment, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"

/** API tokens; the token itself is never stored. */
export const tokens = table(
  "tokens",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** The person who made it, where that is not the account itself: an organization's token ends with its maker's right to make one. */
    issued_by: integer().references(() => owners.id),
    name: text().notNull(),
    /** SHA-256 of the whole token, in hex. */
    hash: text().notNull(),
    /** The last four characters, to recognise it by. */
    ending: text().notNull(),
    scopes: json().$type<("read" | "write" | "push")[]>().notNull(),
    /** The one model it may push to, when it was made for that. */
    model_id: integer().references((): AnySQLiteColumn => models.id, { onDelete: "cascade" }),
    created_at: moment().notNull(),
    last_used_at: moment(),
    expires_at: moment(),
    revoked_at: moment(),
  },
  (t) => [uniqueIndex("tokens_hash").on(t.hash), index("tokens_owner").on(t.owner_id, t.id)],
)
