import { and, asc, desc, eq, getTableColumns, gt, gte, inArray, lte, or, sql } from "drizzle-orm"

import { preparedQueryWithin, read, type Db } from "@/db"
import { beginsWith, dialect, placeholdersFor } from "@/db/kit"
import { models, owners, usage } from "@/db/schema"
import type { UsageRow } from "./ledger"

/** Inserts ledger rows within the write that ends the metered period. */
export async function insertUsage(tx: Db, rows: UsageRow[]): Promise<void> {
  await Promise.all(rows.map((row) => insertRow(tx).execute(row)))
}
const insertRow = preparedQueryWithin("usage_insert", (tx) => tx.insert(usage).values(placeholdersFor(usage, ["id"])))

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

/** The ledger rows of an account, optionally only of pools whose keys have this prefix. */
export type LedgerPart = { owner_id: number; pools?: string }
/** Rows of a part since a day, with IDs above `after` and up to `to`. */
type LedgerRows = LedgerPart & { since: string; after: number; to: number | null }
/** The position of a row in reading order. */
export type LedgerPosition = [started_at: string, id: number]

const within = (
  { owner_id, pools, since, after, to }: LedgerRows,
  from: LedgerPosition | null,
  end: LedgerPosition | null,
) =>
  and(
    eq(usage.owner_id, owner_id),
    // SQLite uses the index for the time, not for the pair.
    gte(usage.started_at, from === null ? since : from[0]),
    end === null ? undefined : lte(usage.started_at, end[0]),
    gt(usage.id, after),
    to === null ? undefined : lte(usage.id, to),
    from === null ? undefined : sql`(${usage.started_at}, ${usage.id}) > (${from[0]}, ${from[1]})`,
    end === null ? undefined : sql`(${usage.started_at}, ${usage.id}) <= (${end[0]}, ${end[1]})`,
    pools === undefined ? undefined : beginsWith(usage.pool, pools),
  )

/** The ID of the newest row; 0 if there are none. */
export async function findLastUsage(): Promise<number> {
  const [row] = await read().select({ id: usage.id }).from(usage).orderBy(desc(usage.id)).limit(1)
  return row?.id ?? 0
}

/** The position of the row `count` rows after a position; null if there are fewer. Includes rows of other pools. */
export async function findPositionAfter(
  rows: LedgerRows,
  from: LedgerPosition | null,
  count: number,
): Promise<LedgerPosition | null> {
  const [row] = await read()
    .select({ started_at: usage.started_at, id: usage.id })
    .from(usage)
    .where(within({ ...rows, pools: undefined }, from, null))
    .orderBy(asc(usage.started_at), asc(usage.id))
    .limit(1)
    .offset(count - 1)
  return row ? [row.started_at, row.id] : null
}

/** The sums of the rows after a position and up to another, by day (UTC) and model. */
export async function sumRows(
  rows: LedgerRows,
  from: LedgerPosition | null,
  end: LedgerPosition | null,
): Promise<{ day: string; model_id: number; usd: string; microseconds: number }[]> {
  const day = sql<string>`substr(${usage.started_at}, 1, 10)`
  const sums = await read()
    .select({
      day,
      model_id: usage.model_id,
      usd: sumOfUsd,
      microseconds: sql<string | number>`sum(${usage.microseconds})`,
    })
    .from(usage)
    .where(within(rows, from, end))
    .groupBy(day, usage.model_id)
  return sums.map(({ usd, microseconds, ...of }) => ({
    ...of,
    usd: decimalOf(usd),
    microseconds: Number(microseconds),
  }))
}

/** The names of these models, without deleted ones and those that the accounts in `sees` (`,1,2,`) may not see. */
export async function namesOf(ids: number[], sees: string): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await read()
    .select({ id: models.id, name: sql<string>`${owners.username} || '/' || ${models.name}` })
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(
      and(
        inArray(models.id, ids),
        or(eq(models.visibility, "public"), sql`${sees} like '%,' || ${models.owner_id} || ',%'`),
      ),
    )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
