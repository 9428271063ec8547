import { and, eq, getTableColumns, gte, sql } from "drizzle-orm"

import { preparedQueryWithin, read, type Db } from "@/db"
import { dialect } from "@/db/kit"
import { models, owners, usage } from "@/db/schema"
import type { UsageRow } from "./ledger"

/** Inserts ledger rows within the write that ends the metered period. */
export async function insertUsage(tx: Db, rows: UsageRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 50) await tx.insert(usage).values(rows.slice(at, at + 50))
}

const { id: _id, ...columns } = getTableColumns(usage)
const ofPrediction = preparedQueryWithin("usage_of_prediction", (tx) =>
  tx
    .select(columns)
    .from(usage)
    .where(eq(usage.prediction, sql.placeholder("prediction"))),
)

/** What the ledger charges for a prediction so far. */
export const usageOf = (tx: Db, prediction: number): Promise<UsageRow[]> => ofPrediction(tx).execute({ prediction })

/** An account's costs since a time, by model; a deleted model has no name. Exact on PostgreSQL, to about 15 digits on SQLite. */
export async function sumUsage(
  owner_id: number,
  since: string,
): Promise<{ model: string; usd: string; microseconds: number }[]> {
  const rows = await read()
    .select({
      model: sql<string>`coalesce(max(${owners.username} || '/' || ${models.name}), '')`,
      usd: sql<string | number>`sum(cast(${usage.usd} as ${sql.raw(dialect === "pg" ? "numeric" : "real")}))`,
      microseconds: sql<string | number>`sum(${usage.microseconds})`,
    })
    .from(usage)
    .leftJoin(models, eq(models.id, usage.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(usage.owner_id, owner_id), gte(usage.started_at, since)))
    .groupBy(usage.model_id)
  return rows.map(({ model, usd, microseconds }) => ({
    model,
    usd: typeof usd === "number" ? usd.toFixed(12) : usd,
    microseconds: Number(microseconds),
  }))
}
