import { and, eq } from "drizzle-orm"

import { read, type Db } from "@/db"
import { models, owners } from "@/db/schema"
import { lockModel, type LockedModel } from "./lock-store"

/** The destination model of a training, by its current name. */
export type Destination = { id: number; owner_id: number; owner: string; name: string }

/** Undefined if it was deleted or transferred. */
export async function findDestination(id: number, owner_id: number): Promise<Destination | undefined> {
  const [model] = await read()
    .select({ id: models.id, owner_id: models.owner_id, owner: owners.username, name: models.name })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(models.id, id), eq(models.owner_id, owner_id)))
  return model
}

/** A training's destination, locked: until the transaction ends, the model keeps its name and owner. */
export async function lockDestination(tx: Db, id: number, owner_id: number): Promise<LockedModel | undefined> {
  const model = await lockModel(tx, id)
  return model?.owner_id === owner_id ? model : undefined
}
