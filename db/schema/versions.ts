import { sql } from "drizzle-orm"

import { document, id, index, integer, moment, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"
import { owners } from "./owners"

/** How a version came of a training. */
export type Trained = {
  /** The training, and the version that was trained, as `owner/name:id`. */
  training: string
  trainer: string
  /** The digest of the image that it runs; null for a trainer that comes with the product. */
  image: string | null
  /** The blob of its model that the weights lie in, and where in it. */
  weights: { blob: string; start: number; size: number; name: string; sha256: string }
}

/** What was pushed to a model. A push of the same image is the same version, pushed again. */
export const versions = table(
  "versions",
  {
    number: id(),
    model_id: integer()
      .notNull()
      .references(() => models.id),
    /** SHA-256 of the pushed manifest, in hex: what every client calls the version's id. */
    id: text().notNull(),
    cog_version: text(),
    /** The very text that the image's label holds, so that no number in it is rounded. */
    openapi_schema: text(),
    /**
     * What the schema says that the model takes and gives, as lib/versions/read-form.ts reads it; null as long as
     * nobody has.
     */
    form: document().$type<Record<string, unknown>>(),
    /** What cog.yaml said when the image was built. */
    cog_config: document().$type<Record<string, unknown>>(),
    /** The labels of the image, without the long ones that have columns of their own. */
    labels: document().$type<Record<string, string>>(),
    /** The commit it was built from. */
    revision: text(),
    /** What the image takes on disk and its layers, where it came with a push. */
    size: integer(),
    layers: integer(),
    /** Of the machines it runs on, as images call it: amd64 or arm64. */
    architecture: text(),
    /** The model that comes with the product and runs without an image, by its name there. Pushes never set it. */
    bundled: text(),
    /**
     * What a training made of it: it runs the image of its trainer on weights that its model holds. Pushes never set
     * it.
     */
    trained: document().$type<Trained>(),
    pushed_by: integer()
      .notNull()
      .references(() => owners.id),
    created_at: moment().notNull(),
    pushed_at: moment().notNull(),
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
