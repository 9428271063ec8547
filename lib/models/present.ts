import { z } from "zod"

import type { Actor } from "@/lib/auth/actor"
import { moment, uri } from "@/lib/shapes"
import { imagePathOrNull } from "@/lib/pictures/address"
import { coverPath } from "./cover-path"
import { PredictionBody, presentExample } from "./prediction-body"
import { presentVersion, VersionBody } from "./version-body"
import { egressOf, type AskedEgress } from "./egress"
import { canEdit } from "./policy"
import type { ApiModel, Model } from "./row"

/** The model object of the API, in lists and on its own. */
export const ModelBody = z
  .object({
    url: uri.describe("The model's page"),
    owner: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    visibility: z.enum(["public", "private"]),
    github_url: uri.nullable(),
    paper_url: uri.nullable(),
    license_url: uri.nullable(),
    weights_url: uri.nullable(),
    run_count: z.int(),
    is_official: z.boolean(),
    created_at: moment,
    cover_image_url: uri.nullable(),
    default_example: PredictionBody.nullable(),
    latest_version: VersionBody.nullable(),
    hardware: z.string().optional().describe("The SKU; only on models of the token's account"),
    egress: z
      .enum(["none", "requested", "internet"])
      .optional()
      .describe("What the model can reach; only on models of the token's account, and not part of Replicate's API"),
  })
  .meta({ id: "Model" })
export type ModelBody = z.infer<typeof ModelBody>

const coverAddress = (model: Omit<Model, "latest_version">, origin: string): string | null => {
  const path = coverPath(model)
  return path === null ? model.cover_image_url : origin + path
}

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
  cover_image_url: coverAddress(model, origin),
})

/** `origin` is that of this installation. */
export const presentModel = (model: ApiModel, origin: string): ModelBody => ({
  ...facts(model, origin),
  default_example: model.default_example && presentExample(model, model.default_example, origin),
  latest_version: model.latest_version && presentVersion(model.latest_version),
})

/** The model object for pages, without fields for API clients only. */
export const presentModelSummary = (model: Model, origin: string) => ({
  ...facts(model, origin),
  /** Whether it may reach the Internet, which everybody who runs it should know. */
  egress: egressOf(model),
  /** The URL of its cover on pages; null without one. */
  cover: coverPath(model) ?? imagePathOrNull(model.cover_image_url),
  /** Whether that is the picture of its default example. */
  cover_is_example: model.cover_upload === null && model.cover_image_url === null && model.example_cover !== null,
  latest_version: model.latest_version,
  hardware: model.hardware,
})

export type ModelSummary = ReturnType<typeof presentModelSummary>

/** A new model as its creator sees it in the API. */
export const presentNewModel = (actor: Actor, model: Model, origin: string) =>
  presentModelFor(actor, { ...model, default_example: null, latest_version: null }, origin)

/** Additional API fields for those who may edit the model. */
export const ownFacts = (model: Pick<Model, "hardware"> & AskedEgress) => ({
  hardware: model.hardware,
  egress: egressOf(model),
})

/** A model as the actor sees it. */
const presentModelFor = (actor: Actor | null, model: ApiModel, origin: string): ModelBody => ({
  ...presentModel(model, origin),
  ...(canEdit(actor, model) && ownFacts(model)),
})
