import { eq, isNull, sql } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { models } from "@/db/schema"
import { toCachedJson } from "./cached-json"
import type { AskedEgress } from "./egress"
import type { Model } from "./row"
import { selectApiModels } from "./row-store"

/** Refreshes the cached JSON of a model and returns the model; part of the write that changed it. */
export async function refreshCachedJson(tx: Db, id: number): Promise<Model | undefined> {
  const [model] = await selectApiModels(tx).where(eq(models.id, id))
  if (model)
    await tx
      .update(models)
      .set({ cached_json: toCachedJson(model) })
      .where(eq(models.id, id))
  return model
}

/** Larger JSON is loaded one by one, as far as it fits into a page. */
const smallJson = 32 * 1024

/**
 * The columns for lists as JSON. `bytes` and `cached_json` are null if the JSON has yet to be built; `cached_json` also
 * if it is large.
 */
export const cachedColumns = {
  id: models.id,
  run_count: models.run_count,
  bytes: sql<number | null>`octet_length(${models.cached_json})`,
  cached_json: sql<
    string | null
  >`case when octet_length(${models.cached_json}) <= ${sql.raw(String(smallJson))} then ${models.cached_json} end`,
}
export type CachedRow = Pick<Model, "id" | "run_count"> & { bytes: number | null; cached_json: string | null }

/** The columns that decide about, and contain, what only those see who can edit a model. */
export const ownColumns = {
  owner_id: models.owner_id,
  hardware: models.hardware,
  egress_asked_at: models.egress_asked_at,
  egress_allowed_at: models.egress_allowed_at,
}
export type OwnRow = Pick<Model, "owner_id" | "hardware"> & AskedEgress

const cachedById = preparedQuery("model_cached_by_id", (db) =>
  db
    .select({ cached_json: models.cached_json })
    .from(models)
    .where(eq(models.id, sql.placeholder("id"))),
)

/** The cached JSON of a model, built now if missing. Null if the model is gone. */
export async function findCachedJson(id: number): Promise<string | null> {
  const [row] = await cachedById().execute({ id })
  if (row?.cached_json) return row.cached_json
  const [model] = await selectApiModels(read()).where(eq(models.id, id))
  return model ? toCachedJson(model) : null
}

/** Builds missing cached JSON for up to `most` models. True if there may be more. */
export async function fillCachedJson(most: number): Promise<boolean> {
  return write(async (tx) => {
    const left = await tx.select({ id: models.id }).from(models).where(isNull(models.cached_json)).limit(most)
    for (const { id } of left) await refreshCachedJson(tx, id)
    return left.length === most
  })
}
