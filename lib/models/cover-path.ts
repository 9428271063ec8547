import type { Model } from "./row"

type Covered = Pick<Model, "owner" | "name" | "cover_upload" | "cover_image_url" | "example_cover">

/**
 * The path of the stored cover: an upload or, for a model without a cover, the picture of its default example. It
 * changes with the picture. Null without one.
 */
export const coverPath = ({ owner, name, ...model }: Covered): string | null => {
  const file = coverFile(model)
  return file === null ? null : `/${owner}/${name}/cover/${file}.webp`
}

/** The file name of the stored cover; null without one. */
export const coverFile = ({
  cover_upload,
  cover_image_url,
  example_cover,
}: Pick<Model, "cover_upload" | "cover_image_url" | "example_cover">): string | null =>
  cover_upload ?? (cover_image_url === null ? example_cover : null)
