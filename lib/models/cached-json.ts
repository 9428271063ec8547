import { randomUUID } from "node:crypto"

import type { Actor } from "@/lib/auth/actor"
import { canEdit } from "./policy"
import type { AskedEgress } from "./egress"
import { ownFacts, presentModel } from "./present"
import type { ApiModel, Model } from "./row"

/** Random per process, so that no text of a model can be mistaken for it. */
const marker = randomUUID()

/**
 * The public JSON of a model, cached in its row for lists and requests that need nothing else. A newline stands for the
 * origin and a tab for the number of runs, because JSON text contains neither; both are filled in when it is sent. Its
 * shape is that of `presentModel`; a change to that needs a migration that clears `models.cached_json`.
 */
export const toCachedJson = (model: ApiModel): string =>
  JSON.stringify({ ...presentModel(model, marker), run_count: `${marker}runs` })
    .replace(`"${marker}runs"`, "\t")
    .replaceAll(marker, "\n")

/** Cached JSON, and the values that change too often to be cached. */
export type Cached = { cached_json: string; run_count: number }

/** The JSON of several models, separated by commas, as it is sent. */
export const fromCachedJson = (cached: Cached[], origin: string): string =>
  cached
    .map(({ cached_json, run_count }) => cached_json.replace("\t", String(run_count)))
    .join(",")
    .split("\n")
    .join(origin)

/** `presentModelFor` as JSON text. */
export function presentCachedModelFor(
  actor: Actor | null,
  model: Pick<Model, "owner_id" | "hardware"> & AskedEgress & Cached,
  origin: string,
): string {
  const text = fromCachedJson([model], origin)
  return canEdit(actor, model) ? `${text.slice(0, -1)},${JSON.stringify(ownFacts(model)).slice(1)}` : text
}
