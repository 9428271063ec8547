import { z } from "zod"

/** What a push tells of a version. */
export const PublishVersionInput = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/, "A version's id is the SHA-256 of its manifest, in hex."),
  cog_version: z.string().max(100, "A Cog version has at most 100 characters.").nullable(),
  openapi_schema: z.record(z.string(), z.unknown()).nullable(),
})
export type PublishVersionInput = z.input<typeof PublishVersionInput>
