import type { Model } from "@/lib/models/model"
import { presentModel } from "@/lib/models/present"
import type { Collection, ListedCollection } from "./store"

/** A collection in a list. */
export const presentCollection = ({ name, slug, description }: ListedCollection) => ({ name, slug, description })

/** A collection on its own, with its models. */
export const presentWholeCollection = (collection: Collection & { models: Model[] }, origin: string) => ({
  ...presentCollection(collection),
  full_description: collection.full_description,
  models: collection.models.map((model) => presentModel(model, origin)),
})

/** A collection that a search found, with the names of its models. */
export const presentFoundCollection = (collection: ListedCollection & { models: string[] }) => ({
  ...presentCollection(collection),
  models: collection.models,
})
