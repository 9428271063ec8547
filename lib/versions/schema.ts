import { z } from "zod"

/** What a push tells of a version. */
export const PublishVersionInput = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/, "A version's id is the SHA-256 of its manifest, in hex."),
  cog_version: z.string().max(100, "A Cog version has at most 100 characters.").nullable(),
  openapi_schema: z.record(z.string(), z.unknown()).nullable(),
  cog_config: z.record(z.string(), z.unknown()).nullable().default(null),
  labels: z.record(z.string(), z.string()).nullable().default(null),
  revision: z.string().max(200).nullable().default(null),
  size: z.int().nullable().default(null),
  layers: z.int().nullable().default(null),
})
export type PublishVersionInput = z.input<typeof PublishVersionInput>
