import { searchCollections, type ListedCollection } from "@/lib/collections/collection"
import { searchPublicModelsJson } from "@/lib/models/model-json"

/** `models` is JSON text, one for each. */
export type Found = { query: string; models: string[]; collections: (ListedCollection & { models: string[] })[] }

/** The best public models, as many as an answer carries, and the collections that hold every word of `query`. `origin` is where this instance is reached. */
export async function searchEverything(query: string, origin: string, limit = 20): Promise<Found> {
  const [models, collections] = await Promise.all([
    searchPublicModelsJson(query, origin, limit),
    searchCollections(query),
  ])
  return { query, models, collections }
}
