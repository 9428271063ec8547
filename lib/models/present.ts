import type { Actor } from "@/lib/auth/actor"
import { located } from "@/lib/files/address"
import type { KeptExample } from "@/db/schema"
import { presentVersion } from "@/lib/versions/present"
import { coverPath } from "./cover-path"
import { canEdit } from "./policy"
import type { Model } from "./row"

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
  cover_image_url: model.cover_upload ? origin + coverPath(model) : model.cover_image_url,
  default_example: model.default_example && presentExample(model, model.default_example, origin),
  latest_version: model.latest_version && presentVersion(model.latest_version),
})

/** The prediction that stands for a model, from what lib/predictions/ keeps of it there. */
const presentExample = ({ owner, name }: Model, { output, ...example }: KeptExample, origin: string) => ({
  ...example,
  model: `${owner}/${name}`,
  output: located(output, origin),
  urls: {
    get: `${origin}/v1/predictions/${example.id}`,
    cancel: `${origin}/v1/predictions/${example.id}/cancel`,
    web: `${origin}/p/${example.id}`,
  },
})

export type ModelBody = ReturnType<typeof presentModel>

/** What its owner sees of a model besides: the hardware it runs on is nobody else's business. */
export const presentModelFor = (actor: Actor | null, model: Model, origin: string) => ({
  ...presentModel(model, origin),
  ...(canEdit(actor, model) && { hardware: model.hardware }),
})
