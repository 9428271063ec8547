import { searchCollections, type ListedCollection } from "@/lib/collections/collection"
import { searchPublicModels, type Model } from "@/lib/models/model"

export type Found = { query: string; models: Model[]; collections: (ListedCollection & { models: string[] })[] }

/** The best public models and the collections that hold every word of `query`. */
export async function searchEverything(query: string, limit = 20): Promise<Found> {
  const [{ rows }, collections] = await Promise.all([
    searchPublicModels(query, undefined, limit),
    searchCollections(query),
  ])
  return { query, models: rows, collections }
}
