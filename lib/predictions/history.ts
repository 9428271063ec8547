import type { AccountRef } from "@/lib/access/require"
import type { Actor } from "@/lib/auth/actor"
import { decodeCursor, everyRow, pageOf, type Page } from "@/lib/page"
import { Problem } from "@/lib/problem"
import { livePrediction } from "./channel"
import { listSummaryRows } from "./history-store"
import { cancelPrediction, deletePrediction, listOf, listPredictions } from "./prediction"
import { presentPrediction } from "./present"
import type { PredictionFilter } from "./schema"

/** Predictions per page. */
export const historySize = 50

type SummaryRow = Awaited<ReturnType<typeof listSummaryRows>>[number]

/** A prediction in the history. */
export type PredictionSummary = Omit<SummaryRow, "input_start" | "secrets" | "metrics"> & {
  /** The beginning of its input; empty if its data was removed or it has secrets. */
  inputPreview: string
  seconds: number | null
  cost_usd: number | null
}

/**
 * A page of the predictions of an account without their outputs, newest first. Throws what `listPredictions` throws.
 */
export async function listHistory(
  actor: Actor,
  filter: PredictionFilter = {},
  from?: string,
  account: Pick<AccountRef, "id"> = { id: actor.owner_id },
  limit = historySize,
): Promise<Page<PredictionSummary>> {
  const list = await listOf(actor, filter, account)
  const cursor = from === undefined ? null : decodeCursor(from)
  const rows = await listSummaryRows(list, cursor, limit)
  return pageOf(rows.map(summaryOf), limit, cursor, (row) => [row.created_at, row.number])
}

/** The newest predictions of a deployment. The caller checks access. */
export async function listLatestOf(
  { id, owner_id }: { id: number; owner_id: number },
  limit: number,
): Promise<PredictionSummary[]> {
  const rows = await listSummaryRows({ owner_id, operation: "predict", deployment_id: id }, null, limit)
  return rows.slice(0, limit).map(summaryOf)
}

function summaryOf({ input_start, secrets, metrics, ...row }: SummaryRow): PredictionSummary {
  const numberIn = (key: string) => (typeof metrics?.[key] === "number" ? metrics[key] : null)
  return {
    ...row,
    status: livePrediction(row.id)?.status ?? row.status,
    inputPreview: secrets?.length ? "" : (input_start ?? ""),
    seconds: numberIn("predict_time"),
    cost_usd: numberIn("cost_usd"),
  }
}

/** A change to several predictions at once. */
export type BulkChange = "cancel" | "delete"

/**
 * Cancels predictions or removes their data, one by one, skipping those the actor may not change. Returns the number
 * changed. Throws errors that concern all of them.
 */
export async function changePredictions(actor: Actor, ids: string[], change: BulkChange): Promise<number> {
  let changed = 0
  for (const id of ids.slice(0, historySize)) {
    try {
      await (change === "cancel" ? cancelPrediction(actor, id) : deletePrediction(actor, id))
      changed++
    } catch (error) {
      if (!(error instanceof Problem && ["missing", "forbidden"].includes(error.kind))) throw error
    }
  }
  return changed
}

/** The predictions of a list with all fields, as JSON lines. Throws what `listPredictions` throws. */
export async function exportPredictions(
  actor: Actor,
  filter: PredictionFilter,
  account: Pick<AccountRef, "id">,
  origin: string,
): Promise<AsyncGenerator<string>> {
  // Validates the filter before the first line is sent.
  await listOf(actor, filter, account)
  return everyRow(
    (cursor) => listPredictions(actor, filter, cursor, account, 20),
    (row) => `${JSON.stringify(presentPrediction(row, origin))}\n`,
  )
}
