import type { Actor } from "@/lib/auth/actor"
import { located } from "@/lib/files/address"
import type { KeptExample } from "@/db/schema"
import { coverPath } from "./cover-path"
import { presentVersion } from "./latest-version"
import { canEdit } from "./policy"
import type { ApiModel, Model } from "./row"

const facts = (model: Omit<Model, "latest_version">, origin: string) => ({
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
})

/** The model object of the API, the same for a list and a detail. `origin` is where this instance is reached. */
export const presentModel = (model: ApiModel, origin: string) => ({
  ...facts(model, origin),
  default_example: model.default_example && presentExample(model, model.default_example, origin),
  latest_version: model.latest_version && presentVersion(model.latest_version),
})

/** The prediction that stands for a model, from what lib/predictions/ keeps of it there. */
const presentExample = (
  { owner, name }: Pick<Model, "owner" | "name">,
  { input, output, ...example }: KeptExample,
  origin: string,
) => ({
  ...example,
  model: `${owner}/${name}`,
  input: located(input, origin) as Record<string, unknown>,
  output: located(output, origin),
  urls: {
    get: `${origin}/v1/predictions/${example.id}`,
    cancel: `${origin}/v1/predictions/${example.id}/cancel`,
    web: `${origin}/p/${example.id}`,
  },
})

/** The same for a page, without what only callers of the model need. */
export const presentModelSummary = (model: Model, origin: string) => ({
  ...facts(model, origin),
  latest_version: model.latest_version,
})

export type ModelSummary = ReturnType<typeof presentModelSummary>

/** A model that was just created, as the API shows it to who created it. */
export const presentNewModel = (actor: Actor, model: Model, origin: string) =>
  presentModelFor(actor, { ...model, default_example: null, latest_version: null }, origin)

/** What its owner sees of a model besides: the hardware it runs on is nobody else's business. */
export const presentModelFor = (actor: Actor | null, model: ApiModel, origin: string) => ({
  ...presentModel(model, origin),
  ...(canEdit(actor, model) && { hardware: model.hardware }),
})
