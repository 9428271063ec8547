import Big from "big.js"

import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { missing } from "@/lib/problem"
import { sumUsage } from "./store"

/** An account's spending, in US dollars. */
export type Spending = {
  today: string
  /** Since the first of the month. */
  month: string
  /** This month by model, most expensive first. */
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
  const [today, month] = await Promise.all([
    sumUsage(account.id, `${day}T00:00:00.000000Z`),
    sumUsage(account.id, `${day.slice(0, 7)}-01T00:00:00.000000Z`),
  ])
  return {
    today: totalOf(today),
    month: totalOf(month),
    models: month
      .map(({ model, usd, microseconds }) => ({ model, usd: shortened(usd), seconds: microseconds / 1e6 }))
      .sort((a, b) => Number(b.usd) - Number(a.usd)),
  }
}

const totalOf = (rows: { usd: string }[]) => shortened(rows.reduce((sum, { usd }) => sum.plus(usd), Big(0)).toFixed())

/** The databases sum with different precision; round to a billionth. */
const shortened = (usd: string) => Big(usd).round(9).toFixed()
