import { id, index, integer, timestamp, table, text, uniqueIndex } from "@/db/kit"
import { models } from "./models"

/** Models that administrators present together. */
export const collections = table(
  "collections",
  {
    id: id(),
    slug: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    full_description: text(),
    /** As HTML; see models.readme_html. */
    full_description_html: text(),
    created_at: timestamp().notNull(),
    updated_at: timestamp().notNull(),
  },
  (t) => [uniqueIndex("collections_slug").on(t.slug), index("collections_by_name").on(t.name, t.id)],
)

export const collection_models = table(
  "collection_models",
  {
    /** Ascending in the display order. */
    position: id(),
    collection_id: integer()
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
  },
  (t) => [
    uniqueIndex("collection_models_once").on(t.collection_id, t.model_id),
    index("collection_models_shown").on(t.collection_id, t.position),
    index("collection_models_model").on(t.model_id),
  ],
)
