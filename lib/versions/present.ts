import type { Version } from "./row"

/** The version object of the API, on its own and as a model's `latest_version`. */
export const presentVersion = ({
  id,
  created_at,
  cog_version,
  openapi_schema,
}: Pick<Version, "id" | "created_at" | "cog_version" | "openapi_schema">) => ({
  id,
  created_at,
  cog_version,
  openapi_schema,
})

export type VersionBody = ReturnType<typeof presentVersion>
