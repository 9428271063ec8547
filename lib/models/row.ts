import type { models, versions } from "@/db/schema"

type LongColumn = "readme" | "readme_html" | "default_example" | "cached_json"

/** The columns for lists and pages; large ones are loaded separately. */
export type Row = Omit<typeof models.$inferSelect, LongColumn>

type LatestVersion = Pick<typeof versions.$inferSelect, "id" | "created_at" | "cog_version">

/** A model with its owner's name and its latest version, without large columns. */
export type Model = Row & { owner: string; latest_version: LatestVersion | null }

export type WholeModel = Model & { readme: string | null }

/** A model with all API fields. */
export type ApiModel = Omit<Model, "latest_version"> & {
  default_example: (typeof models.$inferSelect)["default_example"]
  latest_version: (LatestVersion & Pick<typeof versions.$inferSelect, "openapi_schema">) | null
}
