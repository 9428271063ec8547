import type { Model } from "./row"

/** The path of a model's uploaded cover, which changes with the picture. */
export const coverPath = (model: Pick<Model, "owner" | "name" | "cover_upload">): string =>
  `/${model.owner}/${model.name}/cover/${model.cover_upload}.webp`
