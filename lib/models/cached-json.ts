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

/** Cached JSON with the number of runs, but still without the origin. */
export const fillRunCount = ({ cached_json, run_count }: Cached): string => cached_json.replace("\t", String(run_count))

/** Fills in the origin: in the JSON of one model or, which takes less time, in that of a whole list. */
export const fillOrigin = (text: string, origin: string): string => text.split("\n").join(origin)

/** Cached JSON as it is sent for `presentModelFor`, but still without the origin. */
export function fillForActor(
  actor: Actor | null,
  model: Pick<Model, "owner_id" | "hardware"> & AskedEgress & Cached,
): string {
  const text = fillRunCount(model)
  return canEdit(actor, model) ? `${text.slice(0, -1)},${JSON.stringify(ownFacts(model)).slice(1)}` : text
}
