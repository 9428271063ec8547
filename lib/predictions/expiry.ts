import type { Db } from "@/db"
import { expiryOf } from "./end"
import { isExampleOf } from "./example-store"
import type { Prediction } from "./row"
import { readShare } from "./share-store"

/**
 * When the data of a prediction is to be removed, if its time begins now. Part of every write that changes why it stays: what is kept, an example, or
 * shared without an end stays; what is shared longer than it would stay, as long as that. `expires_at` is the time that has begun already.
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
