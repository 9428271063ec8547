import type { Model } from "@/lib/models/model"

/** The version object of the API, on its own and as a model's `latest_version`. */
export const presentVersion = ({ id, created_at, cog_version, openapi_schema }: NonNullable<Model["latest_version"]>) => ({
  id,
  created_at,
  cog_version,
  openapi_schema,
})

export type VersionBody = ReturnType<typeof presentVersion>
