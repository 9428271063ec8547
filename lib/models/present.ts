import { randomUUID } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { presentVersion } from "@/lib/versions/present"
import { coverPath } from "./cover-files"
import { canEdit } from "./policy"
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
  cover_image_url: model.cover_upload ? origin + coverPath(model) : model.cover_image_url,
  default_example: null,
  latest_version: model.latest_version && presentVersion(model.latest_version),
})

export type ModelBody = ReturnType<typeof presentModel>

/** What its owner sees of a model besides: the hardware it runs on is nobody else's business. */
export const presentModelFor = (actor: Actor | null, model: Model, origin: string) => ({
  ...presentModel(model, origin),
  ...(canEdit(actor, model) && { hardware: model.hardware }),
})

/** Known to this process alone, so that no text of a model can be mistaken for it. */
const here = randomUUID()

/**
 * A model's public JSON to be kept beside it, for lists and requests that need nothing else. A newline stands where the address of
 * the instance belongs: JSON text holds none itself. What is kept follows the shape of `presentModel`; a change to that takes a
 * migration that empties `models.presented`.
 */
export const packModel = (model: Model): string => JSON.stringify(presentModel(model, here)).replaceAll(here, "\n")

/** Packed JSON, of one model or of several, with the address of the instance in its places. */
export const unpackModels = (packed: string, origin: string): string => packed.split("\n").join(origin)

/** The same as `presentModelFor`, as JSON text. */
export function unpackModelFor(
  actor: Actor | null,
  model: Pick<Model, "owner_id" | "hardware">,
  packed: string,
  origin: string,
): string {
  const text = unpackModels(packed, origin)
  return canEdit(actor, model) ? `${text.slice(0, -1)},"hardware":${JSON.stringify(model.hardware)}}` : text
}
