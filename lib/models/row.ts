import type { models, versions } from "@/db/schema"

type LongColumn = "readme" | "readme_html" | "default_example" | "cached_json"

/** The columns of a model that lists and pages need; the long ones are kept apart. */
export type Row = Omit<typeof models.$inferSelect, LongColumn>

type LatestVersion = Pick<typeof versions.$inferSelect, "id" | "created_at" | "cog_version">

/** A model with the name of its owner and the version that was pushed last, without what is long and rarely asked for. */
export type Model = Row & { owner: string; latest_version: LatestVersion | null }

export type WholeModel = Model & { readme: string | null }

/** A model with all that the API says of it. */
export type ApiModel = Omit<Model, "latest_version"> & {
  default_example: (typeof models.$inferSelect)["default_example"]
  latest_version: (LatestVersion & Pick<typeof versions.$inferSelect, "openapi_schema">) | null
}
