import { z } from "zod"

import { ModelBody } from "@/lib/models/present"
import type { ListedCollection } from "./store"

export const CollectionBody = z
  .object({ name: z.string(), slug: z.string(), description: z.string() })
  .meta({ id: "Collection" })

export type CollectionBody = z.infer<typeof CollectionBody>

export const WholeCollectionBody = CollectionBody.extend({
  full_description: z.string().nullable().describe("Markdown"),
  models: z.array(ModelBody),
}).meta({ id: "CollectionWithModels" })

/** A collection in a list. */
export const presentCollection = ({ name, slug, description }: ListedCollection): CollectionBody => ({
  name,
  slug,
  description,
})

/** A collection that a search found, with the names of its models. */
export const presentFoundCollection = (collection: ListedCollection & { models: string[] }) => ({
  ...presentCollection(collection),
  models: collection.models,
})
