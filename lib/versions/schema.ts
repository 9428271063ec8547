import { z } from "zod"

/** The input for a version from a push. */
export const PublishVersionInput = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/, "A version ID is the SHA-256 of its manifest in hex."),
  cog_version: z.string().max(100, "A Cog version has at most 100 characters.").nullable(),
  /** JSON text. */
  openapi_schema: z.string().nullable(),
  cog_config: z.record(z.string(), z.unknown()).nullable().default(null),
  labels: z.record(z.string(), z.string()).nullable().default(null),
  revision: z.string().max(200).nullable().default(null),
  size: z.int().nullable().default(null),
  layers: z.int().nullable().default(null),
  architecture: z.string().max(50).nullable().default(null),
})
export type PublishVersionInput = z.input<typeof PublishVersionInput>

/** Tags used by tools rather than for versions: Cog's own, and those derived from a digest, such as signatures. */
export const isToolTag = (tag: string): boolean => tag.startsWith("cog-") || /^sha(256|512)-[0-9a-f]{32,}/.test(tag)

/** Why the tag `latest` cannot be moved or deleted. */
export const latestFollows = "latest always names the latest version. Push another version, or delete this one."

/** An alias of a version: a tag that its image can be pulled by. */
export const AliasName = z
  .string()
  .regex(/^\w[\w.-]{0,127}$/, "A name has at most 128 letters, numbers, dots, dashes and underscores.")
  .refine((name) => name !== "latest", `${latestFollows} Choose another name.`)
  .refine(
    (name) => !/^(cog-|sha(256|512)-)/.test(name),
    "Names that start with cog- or sha256- are reserved. Choose another.",
  )

export const SetAliasInput = z.object({ version: z.string({ error: "Enter a version." }).min(1, "Enter a version.") })
export type SetAliasInput = z.input<typeof SetAliasInput>
