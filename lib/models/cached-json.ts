import { randomUUID } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { canEdit } from "./policy"
import { presentModel } from "./present"
import type { ApiModel, Model } from "./row"

/** Known to this process alone, so that no text of a model can be mistaken for it. */
const marker = randomUUID()

/**
 * A model's public JSON to be kept beside it, for lists and requests that need nothing else. What does not belong to the model, or changes
 * with every run, is filled in while it is sent: a newline stands where the address of the instance belongs, and a tab where the number of runs
 * does, because JSON text holds neither. What is kept follows the shape of `presentModel`; a change to that takes a migration that empties
 * `models.cached_json`.
 */
export const toCachedJson = (model: ApiModel): string =>
  JSON.stringify({ ...presentModel(model, marker), run_count: `${marker}runs` })
    .replace(`"${marker}runs"`, "\t")
    .replaceAll(marker, "\n")

/** What is kept of a model, and what changes too often to be. */
export type Cached = { cached_json: string; run_count: number }

/** Cached JSON of several models, with commas between them, as it is sent. */
export const fromCachedJson = (cached: Cached[], origin: string): string =>
  cached
    .map(({ cached_json, run_count }) => cached_json.replace("\t", String(run_count)))
    .join(",")
    .split("\n")
    .join(origin)

/** `presentModelFor` as JSON text. */
export function presentCachedModelFor(
  actor: Actor | null,
  model: Pick<Model, "owner_id" | "hardware"> & Cached,
  origin: string,
): string {
  const text = fromCachedJson([model], origin)
  return canEdit(actor, model) ? `${text.slice(0, -1)},"hardware":${JSON.stringify(model.hardware)}}` : text
}
