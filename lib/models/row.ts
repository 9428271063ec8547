import type { models, versions } from "@/db/schema"

/** The columns of a model that lists and pages need; the long ones are kept apart. */
export type Row = Omit<typeof models.$inferSelect, "readme" | "readme_html" | "cached_json">

/** A model with the name of its owner and the version that was pushed last. Its README is kept apart: it is long and rarely asked for. */
export type Model = Row & {
  owner: string
  latest_version: Pick<typeof versions.$inferSelect, "id" | "created_at" | "cog_version" | "openapi_schema"> | null
}

export type WholeModel = Model & { readme: string | null }
