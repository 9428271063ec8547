import { and, eq, inArray } from "drizzle-orm"

import { read, type Db } from "@/db"
import { predictions } from "@/db/schema"
import type { Prediction } from "./row"
import { selectPredictions } from "./store"

/** Up to `limit` predictions of a pool, whose model may be deleted. */
export async function findOfPool(
  { key, model_id, version }: { key: string; model_id: number; version: string },
  limit: number,
): Promise<Prediction[]> {
  return selectPredictions(read())
    .where(and(eq(predictions.model_id, model_id), eq(predictions.version, version), eq(predictions.pool, key)))
    .limit(limit)
}

/** Deletes the rows of predictions. */
export async function deleteRows(tx: Db, numbers: number[]): Promise<void> {
  if (numbers.length > 0) await tx.delete(predictions).where(inArray(predictions.number, numbers))
}
