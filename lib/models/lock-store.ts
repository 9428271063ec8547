import { eq, sql } from "drizzle-orm"

import { preparedQueryWithin, type Db } from "@/db"
import { lockedToChange } from "@/db/kit"
import { models, owners } from "@/db/schema"

const byId = preparedQueryWithin("model_now", (tx) =>
  lockedToChange(
    tx
      .select({
        id: models.id,
        owner_id: models.owner_id,
        owner: owners.username,
        name: models.name,
        visibility: models.visibility,
      })
      .from(models)
      .innerJoin(owners, eq(owners.id, models.owner_id))
      .where(eq(models.id, sql.placeholder("id"))),
    models,
  ),
)

/** The fields of a locked model that decide who may change it. */
export type LockedModel = Awaited<ReturnType<typeof lockModel>> & object

/** Locks a model until the transaction ends. Undefined if it was deleted. */
export async function lockModel(tx: Db, id: number) {
  const [model] = await byId(tx).execute({ id })
  return model
}
