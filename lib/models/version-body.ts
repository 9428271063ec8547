import { z } from "zod"

import type { versions } from "@/db/schema"
import { parseAsWritten } from "@/lib/exact-json"
import { moment } from "@/lib/shapes"

/** The version object of the API; defined here because a model contains its `latest_version`. */
export const VersionBody = z
  .object({
    id: z.string().describe("64 hexadecimal digits"),
    created_at: moment,
    cog_version: z.string().nullable(),
    openapi_schema: z.record(z.string(), z.unknown()).nullable().describe("Inputs and outputs as an OpenAPI document"),
  })
  .meta({ id: "Version" })
export type VersionBody = z.infer<typeof VersionBody>

export const presentVersion = ({
  id,
  created_at,
  cog_version,
  openapi_schema,
}: Pick<typeof versions.$inferSelect, keyof VersionBody>): VersionBody => ({
  id,
  created_at,
  cog_version,
  openapi_schema: openapi_schema === null ? null : (parseAsWritten(openapi_schema) as Record<string, unknown>),
})
