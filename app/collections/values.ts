import type { Collection } from "@/lib/collections/collection"
import { collectionFields, type CollectionField } from "@/lib/collections/fields"

export type CollectionValues = Record<CollectionField, string>

/** What the form of a collection is filled with. */
export const collectionValues = (collection: Collection) =>
  Object.fromEntries(collectionFields.map((field) => [field, collection[field] ?? ""])) as CollectionValues
