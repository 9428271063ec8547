// What the forms need to know of a model's fields without carrying the whole schema to the browser.

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

/** As Docker names the parts of a repository: between letters and digits one period, one or two underscores, or any run of dashes. */
export const namePattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
/** Next takes such an address for the data of a page, and never shows the page itself. */
export const takenEnding = /\.rsc$/
/** What names were made of before Docker's grammar and Next's endings counted. Models keep such a name until they are renamed. */
export const knownNamePattern = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/
export const nameLimit = 100
export const descriptionLimit = 500
export const readmeLimit = 200_000

/** What the details form of the settings holds, in the order the page shows it. */
export const detailFields = ["description", "github_url", "paper_url", "license_url", "weights_url"] as const
export type DetailField = (typeof detailFields)[number]
