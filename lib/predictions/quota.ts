import { LRUCache } from "lru-cache"

import type { Actor } from "@/lib/auth/actor"
import type { AccountRef } from "@/lib/access/require"
import { setting } from "@/lib/settings/setting"
import { problem } from "@/lib/problem"
import { countUnfinished } from "./store"

/**
 * Counting a long queue takes longer than creating a prediction, so counts are cached, adjusted in between, and
 * refreshed every few seconds.
 */
const freshMs = 3000

type Count = { unfinished: number }
type Counts = LRUCache<string, Count>
const key = Symbol.for("understudy.predictions.counts")
const slot = globalThis as typeof globalThis & { [key]?: Counts }
const counts = (): Counts => (slot[key] ??= new LRUCache({ max: 10_000, ttl: freshMs }))

/** Throws `throttled` if the account or the actor's token has reached its limit of unfinished predictions. */
export async function requirePredictionQuota(actor: Actor, account: AccountRef): Promise<void> {
  await requireBelowLimit(`account ${account.id}`, setting("PREDICTIONS_PER_ACCOUNT"), account.username, () =>
    countUnfinished(account.id),
  )
  const { token_id } = actor
  if (token_id !== undefined)
    await requireBelowLimit(`token ${token_id}`, setting("PREDICTIONS_PER_TOKEN"), "This token", () =>
      countUnfinished(account.id, token_id),
    )
}

async function requireBelowLimit(name: string, most: number, who: string, countNow: () => Promise<number>) {
  if (most === 0) return
  let known = counts().get(name)
  if (!known) {
    known = { unfinished: await countNow() }
    counts().set(name, known)
  }
  if (known.unfinished >= most)
    throw problem(
      "throttled",
      `${who} has ${most.toLocaleString("en-US")} queued or running predictions, the maximum. Try again when some of them have ended.`,
      {},
      5,
    )
}

/** Adjusts the cached counts between two refreshes. */
export function adjustUnfinishedCount(owner_id: number, token_id: number | null, more: 1 | -1): void {
  for (const name of [`account ${owner_id}`, `token ${token_id}`]) {
    const known = counts().get(name)
    if (known) known.unfinished += more
  }
}
