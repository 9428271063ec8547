import type { ListedCollection } from "./store"

/** A collection in a list. */
export const presentCollection = ({ name, slug, description }: ListedCollection) => ({ name, slug, description })

/** A collection that a search found, with the names of its models. */
export const presentFoundCollection = (collection: ListedCollection & { models: string[] }) => ({
  ...presentCollection(collection),
  models: collection.models,
})
