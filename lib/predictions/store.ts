import { eq, getTableColumns, sql } from "drizzle-orm"

import { preparedQuery, type Db } from "@/db"
import { models, owners, predictions } from "@/db/schema"
import type { Prediction } from "./row"

const columns = {
  ...getTableColumns(predictions),
  model: sql<string>`${owners.username} || '/' || ${models.name}`.as("model"),
}

/** Predictions with the name of their model, for any condition. */
export const selectPredictions = (db: Db) =>
  db
    .select(columns)
    .from(predictions)
    .innerJoin(models, eq(models.id, predictions.model_id))
    .innerJoin(owners, eq(owners.id, models.owner_id))

const byId = preparedQuery("prediction_by_id", (db) =>
  selectPredictions(db).where(eq(predictions.id, sql.placeholder("id"))),
)

export async function findPrediction(id: string): Promise<Prediction | undefined> {
  const [prediction] = await byId().execute({ id })
  return prediction
}
