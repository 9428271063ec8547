import { and, eq, isNull, sql } from "drizzle-orm"

import { preparedQueryWithin, type Db } from "@/db"
import { jsonPlaceholder, jsonText } from "@/db/kit"
import { predictions } from "@/db/schema"
import { meterInstance } from "@/lib/instances/meter-store"
import { sumOf } from "@/lib/usage/ledger"
import { usageOf } from "@/lib/usage/store"
import { queueDelivery } from "@/lib/webhooks/queue"
import type { Prediction, Row } from "./row"
import { readPrediction } from "./store"

/** The columns set when a prediction ends; those that are missing or null keep their value. */
export type Ending = Pick<Row, "status" | "completed_at" | "expires_at" | "error" | "metrics"> &
  Partial<Pick<Row, "output" | "logs" | "started_at" | "cancel_requested_at">>

/** The value of a placeholder, or of the column if that is null. */
const given = (column: "logs" | "started_at" | "cancel_requested_at") =>
  sql`coalesce(${sql.placeholder(column)}, ${predictions[column]})`

const updateRow = preparedQueryWithin("prediction_end", (tx) =>
  tx
    .update(predictions)
    .set({
      status: sql`${sql.placeholder("status")}`,
      completed_at: sql`${sql.placeholder("completed_at")}`,
      expires_at: sql`${sql.placeholder("expires_at")}`,
      error: sql`${sql.placeholder("error")}`,
      metrics: jsonPlaceholder("metrics"),
      output: sql`coalesce(${jsonPlaceholder("output")}, ${predictions.output})`,
      logs: given("logs"),
      started_at: given("started_at"),
      cancel_requested_at: given("cancel_requested_at"),
    })
    .where(and(eq(predictions.number, sql.placeholder("number")), isNull(predictions.completed_at)))
    .returning({ number: predictions.number }),
)

/**
 * Records the end of a prediction, with its seconds in the ledger and its webhook delivery, in one write. Undefined if
 * it had already ended. `body` builds the webhook's payload.
 */
export async function endRow(
  tx: Db,
  prediction: Prediction,
  { metrics, ...ending }: Ending,
  body: (prediction: Prediction) => { logs?: string | null },
): Promise<Prediction | undefined> {
  const { number } = prediction
  const current = await readPrediction(tx, prediction.id)
  if (!current || current.completed_at) return undefined
  const { instance_id } = current
  if (instance_id)
    await meterInstance(tx, instance_id, ending.completed_at!, ending.status === "failed" ? [number] : [])
  const cost = instance_id ? { cost_usd: Number(sumOf((await usageOf(tx, number)).map(({ usd }) => usd))) } : {}
  // Data of deleted accounts expires sooner.
  const expires_at = current.expires_at ?? ending.expires_at
  const { output, logs, started_at, cancel_requested_at } = current
  const ended: Prediction = {
    ...current,
    ...ending,
    expires_at,
    metrics: { ...metrics, ...cost },
    output: ending.output ?? output,
    logs: ending.logs ?? logs,
    started_at: ending.started_at ?? started_at,
    cancel_requested_at: ending.cancel_requested_at ?? cancel_requested_at,
    model: prediction.model,
  }
  const updated = await updateRow(tx).execute({
    ...ended,
    metrics: jsonText(ended.metrics),
    output: jsonText(ended.output),
  })
  if (updated.length === 0) return undefined
  await queueDelivery(tx, ended, "completed", () => body(ended))
  return ended
}
