import type { Collection } from "@/lib/collections/collection"
import { collectionFields, type CollectionField } from "@/lib/collections/fields"

export type CollectionValues = Record<CollectionField, string>

/** The values of the collection form. */
export const collectionValues = (collection: Collection) =>
  Object.fromEntries(collectionFields.map((field) => [field, collection[field] ?? ""])) as CollectionValues
