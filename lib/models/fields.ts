// What forms need of a model's fields, without loading the whole schema in the browser.

/** The fields of the create form, in the order the page shows them. */
export const createModelFields = [
  "name",
  "owner",
  "description",
  "visibility",
  "hardware",
  "github_url",
  "paper_url",
  "license_url",
  "cover_image_url",
] as const
export type CreateModelField = (typeof createModelFields)[number]

/**
 * The grammar of Docker repositories: between letters and digits, one period, one or two underscores, or any number of
 * dashes.
 */
export const namePattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
/** Next treats such a URL as the data of a page. */
export const takenEnding = /\.rsc$/
/** The former grammar of names. Models keep such a name until they are renamed. */
export const knownNamePattern = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/
export const nameLimit = 100
export const descriptionLimit = 500
export const readmeLimit = 200_000

/** The fields of the details form, in order. */
export const detailFields = ["description", "github_url", "paper_url", "license_url", "weights_url"] as const
export type DetailField = (typeof detailFields)[number]
