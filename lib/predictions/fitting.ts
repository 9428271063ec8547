import type { Actor } from "@/lib/auth/actor"
import { nullIfNotFound } from "@/lib/problem"
import { getPrediction } from "./prediction"
import type { Prediction } from "./row"
import { listSizesOf } from "./store"

/** Bytes of a prediction, and of all on a page. */
export const fits = { one: 128 * 1024, all: 1024 * 1024 }

/**
 * Predictions by ID as far as they fit on a page, in order; null stands for one that is too large. Those that the actor
 * may not see are left out.
 */
export async function listFitting(actor: Actor, ids: string[]): Promise<Map<string, Prediction | null>> {
  const sizes = await listSizesOf(ids)
  const found = new Map<string, Prediction | null>()
  let left = fits.all
  for (const id of ids) {
    const bytes = sizes.get(id)
    if (bytes === undefined) continue
    if (bytes > fits.one || bytes > left) found.set(id, null)
    else {
      const prediction = await nullIfNotFound(getPrediction(actor, id))
      if (!prediction) continue
      found.set(id, prediction)
      left -= bytes
    }
  }
  return found
}
