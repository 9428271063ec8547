import type { Actor } from "@/lib/auth/actor"
import { isId } from "@/lib/id"
import { missing, nullIfNotFound } from "@/lib/problem"
import { livePrediction } from "./channel"
import { fits } from "./fits"
import { getPrediction } from "./prediction"
import type { Prediction } from "./row"
import { requireVisible } from "./shown"
import { findWithinBytes, listSizesOf } from "./store"

/** A prediction as pages show it: `large` says what is too large for one, and left out or cut. */
export type FittingPrediction = Prediction & { large: Large }
export type Large = { input: boolean; output: boolean }

/**
 * `getPrediction` for a page: without an input that is too large for one, and of such an output only the beginning of
 * its text, or some of its files. What is much too large is not even read.
 */
export async function getFitting(actor: Actor | null, id: string): Promise<FittingPrediction> {
  const prediction = await findFitting(id)
  if (!prediction) throw missing()
  return requireVisible(actor, prediction)
}

/** `getFitting` without a check of access. Undefined if there is no such prediction. */
export async function findFitting(id: string): Promise<FittingPrediction | undefined> {
  const live = livePrediction(id)
  if (live) return fitting(live)
  const found = isId(id) ? await findWithinBytes(id, { input: fits.one, output: fits.all }) : undefined
  if (!found) return undefined
  const { input_bytes, output_bytes, ...prediction } = found
  return withoutLarge(prediction, { input: input_bytes > fits.one, output: output_bytes > fits.one })
}

/** A prediction with what fits on a page. */
export const fitting = (prediction: Prediction): FittingPrediction =>
  withoutLarge(prediction, { input: isLarge(prediction.input), output: isLarge(prediction.output) })

const isLarge = (value: unknown) => Buffer.byteLength(JSON.stringify(value ?? null)) > fits.one

const withoutLarge = (prediction: Prediction, large: Large): FittingPrediction => ({
  ...prediction,
  ...(large.input && { input: {} }),
  ...(large.output && { output: beginningOf(prediction) }),
  large,
})

/** Characters of a large text, and files of a large output, that pages show. */
const most = { characters: 60_000, files: 200 }

function beginningOf({ output, streams }: Prediction): unknown {
  if (typeof output === "string") return cut(output)
  if (Array.isArray(output) && streams === "text") return [cut(output.join(""))]
  const files = [...new Set(storedFilesIn(output))]
  return files.length > 0 ? files.slice(0, most.files) : null
}

const cut = (text: string) => text.slice(0, most.characters).toWellFormed()

function storedFilesIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("understudy:/files/") ? [value] : []
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(storedFilesIn) : []
}

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
