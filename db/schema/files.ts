import { sql } from "drizzle-orm"

import { index, integer, json, timestamp, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { owners } from "./owners"
import { predictions } from "./predictions"

/** Uploads and files of runs. The file store has the bytes under `stored_as`. */
export const files = table(
  "files",
  {
    /** 26 characters, like the IDs of predictions. */
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    /** `upload`: sent to the Files API. `input`: inline in the input of a run. `output`: created by a run. */
    kind: text().$type<"upload" | "input" | "output">().notNull(),
    /** The run it belongs to; null for an upload. */
    prediction: integer().references(() => predictions.number, { onDelete: "cascade" }),
    name: text().notNull(),
    content_type: text().notNull(),
    size: integer().notNull(),
    sha256: text().notNull(),
    md5: text().notNull(),
    metadata: json().$type<Record<string, unknown>>().notNull(),
    /** The unguessable part of its public address; null for an upload, which has none. */
    secret: text(),
    stored_as: text().notNull(),
    created_at: timestamp().notNull(),
    expires_at: timestamp(),
  },
  (t) => [
    uniqueIndex("files_secret").on(t.secret),
    index("files_owner")
      .on(t.owner_id, t.created_at, t.id)
      .where(sql`kind = 'upload'`),
    index("files_held").on(t.owner_id, t.size),
    index("files_prediction").on(t.prediction),
    index("files_stored").on(t.stored_as),
    index("files_expiry")
      .on(t.expires_at)
      .where(sql`expires_at is not null`),
  ],
)

/** An upload in parts, which can continue after a lost connection. Its ID becomes that of the file. */
export const file_uploads = table(
  "file_uploads",
  {
    id: text().primaryKey(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    name: text().notNull(),
    content_type: text().notNull(),
    /** The announced size in bytes. */
    size: integer().notNull(),
    /** When the last part arrived. */
    written_at: timestamp().notNull(),
  },
  (t) => [index("file_uploads_owner").on(t.owner_id), index("file_uploads_written").on(t.written_at)],
)

/** A received part of an upload. */
export const file_upload_parts = table(
  "file_upload_parts",
  {
    upload: text()
      .notNull()
      .references(() => file_uploads.id, { onDelete: "cascade" }),
    start: integer().notNull(),
    size: integer().notNull(),
    stored_as: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.upload, t.start] }), index("file_upload_parts_stored").on(t.stored_as)],
)
