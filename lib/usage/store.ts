import { eq, getTableColumns, sql } from "drizzle-orm"

import { preparedQueryWithin, type Db } from "@/db"
import { usage } from "@/db/schema"
import type { UsageRow } from "./ledger"

/** Adds to the ledger, within the write that ends what is accounted for. */
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

/** What the ledger says of a prediction so far. */
export const usageOf = (tx: Db, prediction: number): Promise<UsageRow[]> => ofPrediction(tx).execute({ prediction })
