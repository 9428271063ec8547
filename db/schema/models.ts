import { sql } from "drizzle-orm"

import { document, flag, id, index, integer, timestamp, primaryKey, table, text, uniqueIndex } from "@/db/kit"
import { hardware } from "./hardware"
import { owners } from "./owners"

/** A prediction as stored in its model. */
export type StoredExample = {
  id: string
  version: string
  input: Record<string, unknown>
  output: unknown
  logs: string
  error: string | null
  status: "succeeded"
  source: "api" | "web"
  data_removed: boolean
  metrics?: Record<string, unknown>
  created_at: string
  started_at?: string
  completed_at?: string
}

export const models = table(
  "models",
  {
    id: id(),
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    name: text().notNull(),
    description: text(),
    readme: text(),
    /** As HTML, rendered by lib/markdown/render.ts on save; null if that has yet to happen. */
    readme_html: text(),
    visibility: text().$type<"public" | "private">().notNull(),
    hardware: text()
      .notNull()
      .references(() => hardware.sku),
    github_url: text(),
    paper_url: text(),
    license_url: text(),
    weights_url: text(),
    cover_image_url: text(),
    /**
     * SHA-256 of the uploaded cover image, in hex. It takes precedence over cover_image_url, and one of the two is
     * null.
     */
    cover_upload: text(),
    run_count: integer().notNull(),
    is_official: flag().notNull(),
    /** The ID of the latest version; written together with it. */
    latest_version_id: text(),
    created_at: timestamp().notNull(),
    updated_at: timestamp().notNull(),
    /** When the latest version was pushed, or the model created if it has none: its position in lists. */
    listed_at: timestamp().notNull(),
    /** When its owner requested Internet access, and when an administrator allowed it; null without. */
    egress_asked_at: timestamp(),
    egress_allowed_at: timestamp(),
    /** When an image was first pulled; null if never. */
    pulled_at: timestamp(),
    /** The default example, stored by lib/predictions/ when it is chosen. */
    default_example: document().$type<StoredExample>(),
    /** The picture of the default example, the cover of a model without its own. */
    example_cover: text(),
    /** The public JSON of the model, built by lib/models/cached-json.ts; null if it has yet to be built. */
    cached_json: text(),
  },
  (t) => [
    uniqueIndex("models_owner_name").on(t.owner_id, t.name),
    index("models_name").on(t.name, t.visibility),
    index("models_newest").on(t.visibility, t.created_at, t.id),
    index("models_listed").on(t.visibility, t.listed_at, t.id),
    index("models_listed_by_hardware").on(t.visibility, t.hardware, t.listed_at, t.id),
    index("models_listed_with_versions")
      .on(t.visibility, t.listed_at, t.id)
      .where(sql`latest_version_id is not null`),
    index("models_owner_newest").on(t.owner_id, t.created_at, t.id),
    index("models_cover")
      .on(t.cover_upload)
      .where(sql`cover_upload is not null`),
    index("models_unrendered")
      .on(t.id)
      .where(sql`readme is not null and readme_html is null`),
    index("models_uncached")
      .on(t.id)
      .where(sql`cached_json is null`),
  ],
)

/** Former names of models: their addresses redirect. */
export const former_names = table(
  "former_names",
  {
    owner_id: integer()
      .notNull()
      .references(() => owners.id),
    name: text().notNull(),
    model_id: integer()
      .notNull()
      .references(() => models.id, { onDelete: "cascade" }),
    left_at: timestamp().notNull(),
  },
  (t) => [primaryKey({ columns: [t.owner_id, t.name] }), index("former_names_model").on(t.model_id)],
)
