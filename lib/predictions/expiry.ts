import type { Db } from "@/db"
import { expiryOf } from "./end"
import { isExampleOf } from "./example-store"
import type { Prediction } from "./row"
import { readShare } from "./share-store"

/**
 * When a prediction's data expires if its retention period starts now; part of every write that affects retention. Kept
 * predictions, examples and those shared indefinitely do not expire; a longer share extends the period. `expires_at` is
 * the period already running.
 */
export async function expiryWithin(
  tx: Db,
  prediction: Pick<Prediction, "number" | "model_id" | "source" | "kept" | "operation">,
  expires_at = expiryOf(prediction),
): Promise<string | null> {
  if (expires_at === null || (await isExampleOf(prediction.model_id, prediction.number, tx))) return null
  const share = await readShare(tx, prediction.number)
  if (!share) return expires_at
  return share.expires_at === null ? null : share.expires_at > expires_at ? share.expires_at : expires_at
}
