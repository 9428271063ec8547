import { z } from "zod"

import { blankIsNull, cleanText, Link } from "@/lib/input"
import { descriptionLimit, knownNamePattern, nameLimit, namePattern, readmeLimit, takenEnding } from "./fields"

/** The message that every client knows for an invalid name. */
export const badName =
  "Enter a valid name. This value may contain only lowercase letters, numbers, dashes, underscores, or periods, and may not start or end with a dash, underscore, or period."

/** For a name of valid characters that Docker-based clients cannot address. */
export const unpushableName =
  "Separate letters and numbers with one period, one or two underscores, or dashes, not a mixture: Docker cannot push to other names."

export const ModelName = z
  .string({ error: "Enter a name." })
  .min(1, "Enter a name.")
  .max(nameLimit, `A name has at most ${nameLimit} characters.`)
  .refine((name) => knownNamePattern.test(name), badName)
  .regex(namePattern, unpushableName)
  .refine((name) => !takenEnding.test(name), "A name cannot end in .rsc, which is reserved.")

export const Visibility = z.enum(["public", "private"], { error: "Choose public or private." })
export type Visibility = z.infer<typeof Visibility>

/** Omitted, null and blank all mean null. */
const OptionalLink = blankIsNull(Link.nullish())

const Description = blankIsNull(
  cleanText().trim().max(descriptionLimit, `A description has at most ${descriptionLimit} characters.`).nullish(),
)
const Hardware = z.string({ error: "Choose hardware." }).min(1, "Choose hardware.")

/** The input for a new model, shared by form, action and API. Unknown keys are ignored. */
export const CreateModelInput = z.object({
  owner: z.string({ error: "Choose an owner." }).min(1, "Choose an owner."),
  name: ModelName,
  visibility: Visibility,
  hardware: Hardware,
  description: Description,
  github_url: OptionalLink,
  paper_url: OptionalLink,
  license_url: OptionalLink,
  cover_image_url: OptionalLink,
})
export type CreateModelInput = z.input<typeof CreateModelInput>

/**
 * The changeable fields of a model. Omitted fields stay; null and blank clear a text or link. Unknown keys are ignored.
 */
export const UpdateModelInput = z.object({
  description: Description,
  readme: blankIsNull(cleanText().max(readmeLimit, "A README has at most 200,000 characters.").nullish()),
  github_url: OptionalLink,
  paper_url: OptionalLink,
  weights_url: OptionalLink,
  license_url: OptionalLink,
  cover_image_url: OptionalLink,
  visibility: Visibility.optional(),
  hardware: Hardware.optional(),
  egress: z.enum(["none", "internet"], { error: "Choose none or internet." }).optional(),
})
export type UpdateModelInput = z.input<typeof UpdateModelInput>

/**
 * The order of a list of models: by latest version, or by creation. A model without versions counts from its creation.
 */
export const ModelOrder = z.object({
  sort_by: z
    .enum(["latest_version_created_at", "model_created_at"], {
      error: "Sort by latest_version_created_at or model_created_at.",
    })
    .optional(),
  sort_direction: z.enum(["desc", "asc"], { error: "Sort in direction desc or asc." }).optional(),
})
export type ModelOrder = z.infer<typeof ModelOrder>

export { createModelFields, descriptionLimit, readmeLimit, type CreateModelField } from "./fields"

/** The new name of a model. */
export const RenameModelInput = z.object({ name: ModelName })
export type RenameModelInput = z.input<typeof RenameModelInput>
