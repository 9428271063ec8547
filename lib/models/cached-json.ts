import { randomUUID } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { canEdit } from "./policy"
import { presentModel } from "./present"
import type { Model } from "./row"

/** Known to this process alone, so that no text of a model can be mistaken for it. */
const here = randomUUID()

/**
 * A model's public JSON to be kept beside it, for lists and requests that need nothing else. A newline stands where the address of
 * the instance belongs: JSON text holds none itself. What is kept follows the shape of `presentModel`; a change to that takes a
 * migration that empties `models.cached_json`.
 */
export const toCachedJson = (model: Model): string => JSON.stringify(presentModel(model, here)).replaceAll(here, "\n")

/** Packed JSON, of one model or of several, with the address of the instance in its places. */
export const fromCachedJson = (cached: string, origin: string): string => cached.split("\n").join(origin)

/** The same as `presentModelFor`, as JSON text. */
export function presentCachedModelFor(
  actor: Actor | null,
  model: Pick<Model, "owner_id" | "hardware">,
  cached: string,
  origin: string,
): string {
  const text = fromCachedJson(cached, origin)
  return canEdit(actor, model) ? `${text.slice(0, -1)},"hardware":${JSON.stringify(model.hardware)}}` : text
}
