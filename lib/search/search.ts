import { searchCollections, type ListedCollection } from "@/lib/collections/collection"
import { searchPublicModelsJson } from "@/lib/models/model-json"

/** `models` are JSON texts. */
export type Found = { query: string; models: string[]; collections: (ListedCollection & { models: string[] })[] }

/**
 * The best public models, as many as fit into a response, and the collections that match every word of `query`.
 * `origin` is that of this installation.
 */
export async function searchEverything(query: string, origin: string, limit = 20): Promise<Found> {
  const [models, collections] = await Promise.all([
    searchPublicModelsJson(query, origin, limit),
    searchCollections(query),
  ])
  return { query, models, collections }
}
