import { sql } from "drizzle-orm"

import { document, id, index, integer, timestamp, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"

/** The origin of a trained version. */
export type Trained = {
  /** The training, and the version that was trained, as `owner/name:id`. */
  training: string
  trainer: string
  /** The digest of its image; null for a bundled trainer. */
  image: string | null
  /** The blob of its model that contains the weights, and their position in it. */
  weights: { blob: string; start: number; size: number; name: string; sha256: string }
}

/** Versions of models. A second push of the same image is the same version. */
export const versions = table(
  "versions",
  {
    number: id(),
    model_id: integer()
      .notNull()
      .references(() => models.id),
    /** SHA-256 in hex: of the manifest, or of the bundle. The version's ID for every client. */
    id: text().notNull(),
    cog_version: text(),
    /** The JSON text from the image's label, so that no number is rounded. */
    openapi_schema: text(),
    /** The inputs and output that lib/versions/read-form.ts parsed from the schema; null if that has yet to happen. */
    form: document().$type<Record<string, unknown>>(),
    /** cog.yaml as of the build. */
    cog_config: document().$type<Record<string, unknown>>(),
    /** The labels of the image, without the long ones that have their own columns. */
    labels: document().$type<Record<string, string>>(),
    /** The Git commit it was built from. */
    revision: text(),
    /** The size of the image on disk and its number of layers; only for pushes. */
    size: integer(),
    layers: integer(),
    /** The architecture it runs on, as images name it: amd64 or arm64. */
    architecture: text(),
    /** The name of the bundled model that runs it without an image. Pushes never set it. */
    bundled: text(),
    /** The training that created it: it runs its trainer's image with weights of its own model. Pushes never set it. */
    trained: document().$type<Trained>(),
    pushed_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: timestamp().notNull(),
    pushed_at: timestamp().notNull(),
  },
  (t) => [
    uniqueIndex("versions_model_id").on(t.model_id, t.id),
    index("versions_id").on(t.id),
    index("versions_newest").on(t.model_id, t.pushed_at, t.number),
    index("versions_unread")
      .on(t.number)
      .where(sql`form is null and openapi_schema is not null`),
  ],
)
