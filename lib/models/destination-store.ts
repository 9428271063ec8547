import { and, eq } from "drizzle-orm"

import { read, type Db } from "@/db"
import { models, owners } from "@/db/schema"

/** The destination model of a training, by its current name. */
export type Destination = { id: number; owner_id: number; owner: string; name: string }

/** Undefined if it was deleted or transferred. */
export async function findDestination(id: number, owner_id: number, db: Db = read()): Promise<Destination | undefined> {
  const [model] = await db
    .select({ id: models.id, owner_id: models.owner_id, owner: owners.username, name: models.name })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(models.id, id), eq(models.owner_id, owner_id)))
  return model
}
