import { sql } from "drizzle-orm"

import { index, integer, json, moment, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"

/** Uploaded inputs, and outputs of runs. The bytes lie in the file store under `stored_as`. */
export const files = table(
  "files",
  {
    /** 26 characters, as predictions have. */
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    kind: text().$type<"input" | "output">().notNull(),
    /** The run that made it, for an output. */
    prediction: integer().references(() => predictions.number, { onDelete: "cascade" }),
    name: text().notNull(),
    content_type: text().notNull(),
    size: integer().notNull(),
    sha256: text().notNull(),
    md5: text().notNull(),
    metadata: json().$type<Record<string, unknown>>().notNull(),
    /** The unguessable part of its public address; null for an uploaded input, which has none. */
    secret: text(),
    stored_as: text().notNull(),
    created_at: moment().notNull(),
    expires_at: moment(),
  },
  (t) => [
    uniqueIndex("files_secret").on(t.secret),
    index("files_owner")
      .on(t.owner_id, t.created_at, t.id)
      .where(sql`kind = 'input'`),
    index("files_prediction").on(t.prediction),
    index("files_expiry")
      .on(t.expires_at)
      .where(sql`expires_at is not null`),
  ],
)
