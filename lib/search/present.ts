import { presentFoundCollection } from "@/lib/collections/present"
import { presentModel } from "@/lib/models/present"
import type { Found } from "./search"

/** The answer of GET /v1/search. Nothing here is described or tagged by a machine; the score says only which comes first. */
export const presentFound = ({ query, models, collections }: Found, origin: string) => ({
  query,
  models: models.map((model, place) => ({
    model: presentModel(model, origin),
    metadata: { generated_description: null, tags: [], score: 1 / (place + 1) },
  })),
  collections: collections.map(presentFoundCollection),
  pages: [],
})
