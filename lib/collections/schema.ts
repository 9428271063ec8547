import { z } from "zod"

import { cleanText } from "@/lib/input"

export const CollectionSlug = z
  .string({ error: "Enter a slug." })
  .trim()
  .min(1, "Enter a slug.")
  .max(100, "A slug has at most 100 characters.")
  .regex(
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    "Use lowercase letters, numbers and dashes; start and end with a letter or a number.",
  )
  // /collections/new is the page for a new collection.
  .refine((slug) => slug !== "new", "This slug is reserved. Choose another.")

/** The fields of a new collection. */
export const CreateCollectionInput = z.object({
  slug: CollectionSlug,
  name: cleanText("Enter a name.").trim().min(1, "Enter a name.").max(100, "A name has at most 100 characters."),
  description: cleanText().trim().max(500, "A description has at most 500 characters.").default(""),
  full_description: cleanText()
    .max(20_000, "A full description has at most 20,000 characters.")
    .nullish()
    .transform((text) => (text?.trim() ? text : null)),
})
export type CreateCollectionInput = z.input<typeof CreateCollectionInput>

/** Changes to a collection; omitted fields stay. */
export const UpdateCollectionInput = z.object({
  slug: CollectionSlug.optional(),
  name: CreateCollectionInput.shape.name.optional(),
  description: CreateCollectionInput.shape.description.unwrap().optional(),
  full_description: CreateCollectionInput.shape.full_description.optional(),
})
export type UpdateCollectionInput = z.input<typeof UpdateCollectionInput>
