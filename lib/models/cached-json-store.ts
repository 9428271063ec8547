import { eq, isNull } from "drizzle-orm"

import { write, type Db } from "@/db"
import { models } from "@/db/schema"
import { toCachedJson } from "./cached-json"
import type { Model } from "./row"
import { selectModels } from "./row-store"

/** Writes down the public JSON of a model as it now is, and answers the model; part of the write that changed it. */
export async function refreshCachedJson(tx: Db, id: number): Promise<Model | undefined> {
  const [model] = await selectModels(tx).where(eq(models.id, id))
  if (model)
    await tx
      .update(models)
      .set({ cached_json: toCachedJson(model) })
      .where(eq(models.id, id))
  return model
}

/** Writes it down for up to `most` models that have none yet. True when there may be more. */
export async function fillCachedJson(most: number): Promise<boolean> {
  return write(async (tx) => {
    const left = await tx.select({ id: models.id }).from(models).where(isNull(models.cached_json)).limit(most)
    for (const { id } of left) await refreshCachedJson(tx, id)
    return left.length === most
  })
}
