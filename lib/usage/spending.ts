import Big from "big.js"

import { may, visibleAccountIds } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { missing } from "@/lib/problem"
import { namesOf } from "./store"
import { totalsSince } from "./totals"

/** An account's spending, in US dollars. */
export type Spending = {
  today: string
  /** Since the first of the month. */
  month: string
  /** This month by model, most expensive first; models that are deleted or that the actor may not see have no name. */
  models: { model: string; usd: string; seconds: number }[]
}

/** An account's spending today and this month (UTC). Throws `missing` to those who may not see the account. */
export async function spendingOf(
  actor: Actor,
  account: { id: number } = { id: actor.owner_id },
  now: Date = new Date(),
): Promise<Spending> {
  if (!may(actor, "see", account.id)) throw missing()
  const day = now.toISOString().slice(0, 10)
  const month = await totalsSince({ owner_id: account.id }, `${day.slice(0, 7)}-01`)
  const ids = [...new Set(month.map(({ model_id }) => model_id))]
  const dearest = ids
    .map((id) => ({ id, ...sumOf(month.filter(({ model_id }) => model_id === id)) }))
    .sort((a, b) => b.usd.cmp(a.usd))
  const names = await namesOf(
    dearest.slice(0, maxNamed).map(({ id }) => id),
    visibleAccountIds(actor),
  )
  const known = dearest.filter(({ id }) => names.has(id))
  const others = sumOf(dearest.filter(({ id }) => !names.has(id)))
  return {
    today: shortened(sumOf(month.filter((one) => one.day === day)).usd),
    month: shortened(sumOf(month).usd),
    models: [
      ...known.map(({ id, ...sum }) => ({ model: names.get(id)!, ...sum })),
      ...(known.length < dearest.length ? [{ model: "", ...others }] : []),
    ]
      .sort((a, b) => b.usd.cmp(a.usd))
      .map(({ model, usd, microseconds }) => ({ model, usd: shortened(usd), seconds: microseconds / 1e6 })),
  }
}

/** The most expensive models are named, the others added up. */
const maxNamed = 100

const sumOf = (totals: { usd: Big; microseconds: number }[]) => ({
  usd: totals.reduce((sum, { usd }) => sum.plus(usd), Big(0)),
  microseconds: totals.reduce((sum, { microseconds }) => sum + microseconds, 0),
})

/** The databases sum with different precision; round to a billionth. */
const shortened = (usd: Big) => usd.round(9).toFixed()
