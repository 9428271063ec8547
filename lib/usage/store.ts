import { and, eq, getTableColumns, gte, like, sql } from "drizzle-orm"

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

/** Exact on PostgreSQL, to about 15 digits on SQLite. */
const sumOfUsd = sql<
  string | number | null
>`sum(cast(${usage.usd} as ${sql.raw(dialect === "pg" ? "numeric" : "real")}))`
const decimalOf = (sum: string | number | null): string => (typeof sum === "number" ? sum.toFixed(12) : (sum ?? "0"))

/** An account's costs since a time in the pools with this prefix. */
export async function sumUsageOfPools(owner_id: number, prefix: string, since: string): Promise<string> {
  const [row] = await read()
    .select({ usd: sumOfUsd })
    .from(usage)
    .where(and(eq(usage.owner_id, owner_id), gte(usage.started_at, since), like(usage.pool, `${prefix}%`)))
  return decimalOf(row!.usd)
}

/** An account's costs since a time, by model; a deleted model has no name. */
export async function sumUsage(
  owner_id: number,
  since: string,
): Promise<{ model: string; usd: string; microseconds: number }[]> {
  const rows = await read()
    .select({
      model: sql<string>`coalesce(max(${owners.username} || '/' || ${models.name}), '')`,
      usd: sumOfUsd,
      microseconds: sql<string | number>`sum(${usage.microseconds})`,
    })
    .from(usage)
    .leftJoin(models, eq(models.id, usage.model_id))
    .leftJoin(owners, eq(owners.id, models.owner_id))
    .where(and(eq(usage.owner_id, owner_id), gte(usage.started_at, since)))
    .groupBy(usage.model_id)
  return rows.map(({ model, usd, microseconds }) => ({
    model,
    usd: decimalOf(usd),
    microseconds: Number(microseconds),
  }))
}
