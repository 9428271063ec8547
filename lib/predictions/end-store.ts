import type { Db } from "@/db"
import { meterInstance } from "@/lib/instances/meter-store"
import { sumOf } from "@/lib/usage/ledger"
import { usageOf } from "@/lib/usage/store"
import { queueDelivery } from "@/lib/webhooks/queue"
import type { Prediction, Row } from "./row"
import { readPrediction, updateUnfinished } from "./store"

/** The columns set when a prediction ends. */
export type Ending = Pick<Row, "status" | "completed_at" | "expires_at"> &
  Partial<Pick<Row, "output" | "error" | "logs" | "metrics" | "started_at" | "cancel_requested_at">>

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
  const row = await updateUnfinished(tx, number, { ...ending, expires_at, metrics: { ...metrics, ...cost } })
  if (!row) return undefined
  const ended = { ...row, model: prediction.model }
  await queueDelivery(tx, ended, "completed", () => body(ended))
  return ended
}
