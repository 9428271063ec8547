import Big from "big.js"

import type { usage } from "@/db/schema"
import { isoFromMicros, microsOf } from "@/lib/clock"

export type UsageRow = Omit<typeof usage.$inferInsert, "id">

/** An instance between its last metering and now, with the predictions it ran meanwhile. */
export type MeteredInterval = {
  instance: {
    id: string
    pool: string
    hardware: string
    metered_until: string
    usd_per_second: string
    /** Null during set-up. */
    ready_at: string | null
  }
  /** For a public model, whoever runs it pays for running time only; for a private one, its owner pays for all time. */
  model: { id: number; owner_id: number; visibility: "public" | "private" }
  /** The account that pays for all time, such as that of a deployment; null where the model decides. */
  payer: number | null
  running: { number: number; owner_id: number; token_id: number | null; claimed_at: string; failed?: boolean }[]
}

/** Rows end at multiples of five minutes (UTC), so that each is within one step of metrics, one day and one month. */
const rowMicros = 5 * 60 * 1e6
const dayMicros = 24 * 3600 * 1e6

/** The last time before or at a moment at which rows end. */
export const rowsEnd = (moment: string): string => isoFromMicros(Math.floor(microsOf(moment) / rowMicros) * rowMicros)

/**
 * The ledger rows for the time since the last metering, up to `until`: without gaps, adding up to exactly the time that
 * passed. Time shared by several predictions is divided among them.
 */
export function ledgerRows({ instance, model, payer: fixed, running }: MeteredInterval, until: string): UsageRow[] {
  const [from, to] = [microsOf(instance.metered_until), microsOf(until)]
  const begins = running.map((one) => ({ ...one, from: Math.max(from, microsOf(one.claimed_at)) }))
  const starts = begins.map((one) => one.from).filter((at) => at < to)
  const cuts = [...new Set([from, ...starts, ...endsBetween(from, to), to])].sort((a, b) => a - b)

  return cuts.slice(0, -1).flatMap((start, n) => {
    const end = cuts[n + 1]!
    const active = instance.ready_at === null ? [] : begins.filter((one) => one.from <= start)
    if (active.length === 0) return [rowOf(instance.ready_at === null ? "setup" : "idle", start, end, end - start)]
    const share = Math.floor((end - start) / active.length)
    const rest = (end - start) % active.length
    return active.map((one, place) => rowOf("active", start, end, share + (place < rest ? 1 : 0), one))
  })

  function rowOf(
    phase: UsageRow["phase"],
    start: number,
    end: number,
    microseconds: number,
    one?: MeteredInterval["running"][number],
  ): UsageRow {
    const payer = fixed ?? (model.visibility === "private" ? model.owner_id : one && !one.failed ? one.owner_id : null)
    return {
      owner_id: payer,
      token_id: payer === null ? null : (one?.token_id ?? null),
      instance_id: instance.id,
      pool: instance.pool,
      model_id: model.id,
      prediction: one?.number ?? null,
      hardware: instance.hardware,
      phase,
      started_at: isoFromMicros(start),
      ended_at: isoFromMicros(end),
      microseconds,
      usd_per_second: instance.usd_per_second,
      usd: payer === null ? "0" : priceOf(microseconds, instance.usd_per_second),
    }
  }
}

function endsBetween(from: number, to: number): number[] {
  // Whole days after a long time, because a clock that was wrong by years would make millions of rows.
  const length = to - from > 7 * dayMicros ? dayMicros : rowMicros
  const first = Math.floor(from / length) + 1
  return Array.from({ length: Math.max(0, Math.ceil(to / length) - first) }, (_, n) => (first + n) * length)
}

/** Exact decimal arithmetic. */
export const priceOf = (microseconds: number, usd_per_second: string): string =>
  Big(usd_per_second).times(microseconds).times("0.000001").toFixed()

export const sumOf = (amounts: string[]): string => amounts.reduce((sum, one) => sum.plus(one), Big(0)).toFixed()

/** The row that refunds a failed prediction on a public model. */
export const refundOf = (charged: UsageRow[], at: string): UsageRow[] => {
  const paid = charged.filter(({ owner_id, usd }) => owner_id !== null && usd !== "0")
  if (paid.length === 0) return []
  const usd = Big(sumOf(paid.map((one) => one.usd)))
    .times(-1)
    .toFixed()
  return usd === "0" ? [] : [{ ...paid[0]!, started_at: at, ended_at: at, microseconds: 0, usd }]
}
