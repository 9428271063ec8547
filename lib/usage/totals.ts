import { setImmediate } from "node:timers/promises"
import Big from "big.js"
import { LRUCache } from "lru-cache"

import { dialect } from "@/db/kit"
import { findLastUsage, findPositionAfter, sumRows, type LedgerPart, type LedgerPosition } from "./store"

/** What an account paid for a model on a day (UTC). */
export type Total = { day: string; model_id: number; usd: Big; microseconds: number }

/** Cached totals of a part of the ledger since a day, up to the row `last`. */
type Known = { since: string; last: number; totals: Map<string, Total> }

const key = Symbol.for("understudy.usage.totals")
const slot = globalThis as typeof globalThis & { [key]?: LRUCache<string, Known> }
const known = (): LRUCache<string, Known> => (slot[key] ??= new LRUCache({ max: 1000 }))

/** The number of rows summed per query, because on SQLite nothing else runs meanwhile. */
const rowsAtOnce = 5000

/**
 * The totals of a part of the ledger since a day. The ledger only grows, so on SQLite, where row IDs follow the order
 * of transactions, only the rows since the last call are summed. On PostgreSQL they do not, so the database sums all
 * rows, without blocking this process.
 */
export async function totalsSince(part: LedgerPart, since: string): Promise<Total[]> {
  if (dialect === "pg") return [...(await grown(part, { since, last: 0, totals: new Map() }, null)).values()]
  const name = `${part.owner_id} ${part.pools ?? ""}`
  const before = known().get(name)
  const isUsable = before && before.since <= since && before.since >= daysBefore(since, maxDays)
  const from = isUsable ? before : { since, last: 0, totals: new Map<string, Total>() }
  const last = await findLastUsage()
  const totals = last > from.last ? await grown(part, from, last) : from.totals
  known().set(name, { since: from.since, last, totals })
  return [...totals.values()].filter(({ day }) => day >= since)
}

/** The maximum number of days that the cached totals may begin before `since`. */
const maxDays = 62

const daysBefore = (day: string, count: number): string =>
  new Date(Date.parse(day) - count * 86_400_000).toISOString().slice(0, 10)

/** Adds the rows after `last`, up to the row `to`, to the totals. */
async function grown(part: LedgerPart, { since, last, totals }: Known, to: number | null): Promise<Map<string, Total>> {
  const all = new Map(totals)
  const rows = { ...part, since, after: last, to }
  let from: LedgerPosition | null = null
  for (;;) {
    const end: LedgerPosition | null = to === null ? null : await findPositionAfter(rows, from, rowsAtOnce)
    for (const { day, model_id, usd, microseconds } of await sumRows(rows, from, end)) {
      const name = `${day} ${model_id}`
      const sum = all.get(name) ?? { day, model_id, usd: Big(0), microseconds: 0 }
      all.set(name, { ...sum, usd: sum.usd.plus(usd), microseconds: sum.microseconds + microseconds })
    }
    if (end === null) return all
    from = end
    await setImmediate()
  }
}
