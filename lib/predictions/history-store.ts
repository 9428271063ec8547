import { and, eq, sql } from "drizzle-orm"

import { read } from "@/db"
import { models, owners, predictions } from "@/db/schema"
import type { Cursor } from "@/lib/page"
import { matching, nameOfModel, pageFrom, type PredictionList } from "./store"

/** Characters of an input preview, enough to tell runs apart. */
const previewLength = 400

/** Predictions without their outputs, which may be large. */
export async function listSummaryRows(list: PredictionList, cursor: Cursor | null, limit: number) {
  const { beyond, order } = pageFrom(cursor)
  return read()
    .select({
      number: predictions.number,
      id: predictions.id,
      model: nameOfModel.as("model"),
      version: predictions.version,
      status: predictions.status,
      source: predictions.source,
      input_start: sql<string | null>`substr(cast(${predictions.input} as text), 1, ${previewLength})`.as(
        "input_start",
      ),
      secrets: predictions.secrets,
      metrics: predictions.metrics,
      created_at: predictions.created_at,
      data_removed: predictions.data_removed,
      kept: predictions.kept,
    })
    .from(predictions)
    .leftJoin(models, eq(models.id, predictions.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))
    .where(and(await matching(list), beyond))
    .orderBy(...order)
    .limit(limit + 1)
}
