import type { AccountRef } from "@/lib/access/require"
import { may } from "@/lib/access/policy"
import { amountOf } from "@/lib/amount"
import type { Actor } from "@/lib/auth/actor"
import { param } from "@/lib/next/page"
import { accountOf } from "@/lib/owners/owner"
import { PredictionFilter } from "@/lib/predictions/schema"

type Query = Record<string, string | string[] | undefined>

const filterNames = ["model", "version", "status", "source", "token", "after", "before", "cost", "text"] as const
type FilterTexts = Partial<Record<(typeof filterNames)[number], string>>

/** Parses the filters in a query: as typed (`texts`), as a `filter`, and with `complaints` about invalid ones. */
export function historyFilter(query: Query) {
  const texts: FilterTexts = {}
  for (const name of filterNames) {
    const text = param(query[name])?.trim()
    if (text) texts[name] = text.slice(0, 300)
  }
  const filter: Record<string, unknown> = {}
  const complaints: Partial<Record<(typeof filterNames)[number], string>> = {}
  const keys = { after: "created_after", before: "created_before", cost: "min_cost" } as const
  for (const [name, text] of Object.entries(texts) as [(typeof filterNames)[number], string][]) {
    const key = name in keys ? keys[name as keyof typeof keys] : (name as keyof typeof PredictionFilter.shape)
    const value = name === "token" ? Number(text) : name === "cost" ? amountOf(text) : text
    const read = PredictionFilter.shape[key].safeParse(value)
    if (read.success) filter[key] = value
    else complaints[name] = read.error.issues[0]!.message
  }
  return { texts, filter: filter as PredictionFilter, complaints, cursor: param(query.cursor) }
}

/** The accounts whose predictions an actor may see: their own and those of their organizations. */
export async function accountsOf(actor: Actor): Promise<AccountRef[]> {
  const organizations = [...(actor.roles?.keys() ?? [])].filter((id) => may(actor, "see", id))
  return [{ id: actor.owner_id, username: actor.username }, ...(await Promise.all(organizations.map(accountOf)))]
}
