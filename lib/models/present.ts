import type { Model } from "./store"

/** The model object of the API, the same for a list, a detail and a page. `origin` is where this instance is reached. */
export const presentModel = (model: Model, origin: string) => ({
  url: `${origin}/${model.owner}/${model.name}`,
  owner: model.owner,
  name: model.name,
  description: model.description,
  visibility: model.visibility,
  github_url: model.github_url,
  paper_url: model.paper_url,
  license_url: model.license_url,
  weights_url: model.weights_url,
  run_count: model.run_count,
  is_official: model.is_official,
  created_at: model.created_at,
  cover_image_url: model.cover_image_url,
  default_example: null,
  latest_version: null,
})

export type ModelBody = ReturnType<typeof presentModel>
