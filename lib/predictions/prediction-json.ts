import { randomUUID } from "node:crypto"
import { LRUCache } from "lru-cache"

import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { livePrediction } from "./channel"
import { getPrediction } from "./prediction"
import { presentPrediction } from "./present"
import { isOver } from "./status"
import { findFacts } from "./store"

/** Random per process, so that no text of a prediction can be mistaken for it. */
const marker = randomUUID()

/** JSON texts of finished predictions, with a newline for the origin, and what can still change in them. */
type Kept = { text: string; model: string; data_removed: boolean }
const key = Symbol.for("understudy.predictions.json")
const slot = globalThis as typeof globalThis & { [key]?: LRUCache<string, Kept> }
const texts = () =>
  (slot[key] ??= new LRUCache({ maxSize: 8e6, sizeCalculation: ({ text }) => text.length, ttl: 60_000 }))

/**
 * `presentPrediction` of `getPrediction` as JSON text: clients poll, so the text of a finished prediction is kept for a
 * minute.
 */
export async function getPredictionJson(actor: Actor, id: string, origin: string): Promise<string> {
  const cached = texts().get(id)
  if (cached && !livePrediction(id)) {
    const facts = await findFacts(id)
    const same = facts && facts.model === cached.model && facts.data_removed === cached.data_removed
    if (same && may(actor, "see", facts.owner_id)) return cached.text.replaceAll("\n", origin)
  }
  const prediction = await getPrediction(actor, id)
  if (!isOver(prediction.status) || !may(actor, "see", prediction.owner_id))
    return JSON.stringify(presentPrediction(prediction, origin))
  const text = JSON.stringify(presentPrediction(prediction, marker)).replaceAll(marker, "\n")
  const { model, data_removed } = prediction
  if (text.length < 64_000) texts().set(id, { text, model, data_removed })
  return text.replaceAll("\n", origin)
}
