import { and, asc, count, desc, eq, inArray, isNotNull } from "drizzle-orm"

import { read } from "@/db"
import { models, owners } from "@/db/schema"
import type { ModelList } from "./store"

/** The maximum number of models, newest first, that a search within an account reads. */
const ownReach = 5000

type ModelScope = Pick<ModelList, "owner_id" | "visibility" | "hardware" | "has_versions">

const within = ({ owner_id, visibility, hardware, has_versions }: ModelScope) =>
  and(
    owner_id === undefined ? undefined : eq(models.owner_id, owner_id),
    visibility && eq(models.visibility, visibility),
    hardware === undefined ? undefined : eq(models.hardware, hardware),
    has_versions ? isNotNull(models.latest_version_id) : undefined,
  )

/** The texts that a search within an account reads, newest first. */
export async function listTextsOf(stock: ModelScope & { owner_id: number }) {
  return read()
    .select({ id: models.id, owner: owners.username, name: models.name, description: models.description })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(within(stock))
    .orderBy(desc(models.created_at), desc(models.id))
    .limit(ownReach)
}

/** Sorts the IDs. */
export async function orderedIds(ids: number[], order: ModelList["order"]): Promise<number[]> {
  if (ids.length === 0) return []
  const direction = order === "name" ? asc : desc
  const rows = await read()
    .select({ id: models.id })
    .from(models)
    .where(inArray(models.id, ids))
    .orderBy(direction(models[order]), direction(models.id))
  return rows.map(({ id }) => id)
}

/** The number of models of an account that match. */
export async function countModelsOf(stock: ModelScope & { owner_id: number }): Promise<number> {
  const [row] = await read().select({ models: count() }).from(models).where(within(stock))
  return row!.models
}
