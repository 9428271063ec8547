import type { Model } from "./row"

/** Where the uploaded cover of a model is shown. Another picture has another address. */
export const coverPath = (model: Pick<Model, "owner" | "name" | "cover_upload">): string =>
  `/${model.owner}/${model.name}/cover/${model.cover_upload}.webp`
