/** The fields of the form, in the order the page shows them. */
export const collectionFields = ["name", "slug", "description", "full_description"] as const
export type CollectionField = (typeof collectionFields)[number]

/** Where a model goes within its collection. */
export const collectionMoves = ["first", "up", "down", "last"] as const
export type CollectionMove = (typeof collectionMoves)[number]
