import { publishPrediction } from "@/lib/predictions/channel"
import { claimPredictions, findWaitingAccounts, requeuePrediction } from "@/lib/predictions/running"
import { findLive, freeSlots, hub, noteWaiting, type RunnerState, type TrackedInstance } from "./state"

/** Dispatches queued predictions to a runner's instances with free slots. Returns how many. */
export async function claimFor(runner: RunnerState): Promise<number> {
  const pools = Map.groupBy(runner.instances.values(), ({ pool }) => pool)
  return sumOf(await Promise.all([...pools].map(([pool, instances]) => claimForPool(pool, instances))))
}

const sumOf = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0)

/**
 * Dispatches the next queued prediction to an instance whose model has just finished one. Called while that result is
 * being written, so that both share a commit.
 */
export async function claimNext(live: TrackedInstance): Promise<void> {
  if (!hub().waiting.has(live.pool) || freeSlots(live, 1) === 0) return
  await reserved(live, 1, async () => {
    const accounts = await accountsWaiting(live.pool)
    return accounts.length > 0 ? claim(live, nextOf(live.pool, accounts), 1) : 0
  })
}

/** Claims for several instances in parallel, so that the claims share a commit. */
async function claimForPool(pool: string, instances: TrackedInstance[]): Promise<number> {
  let total = 0
  while (hub().waiting.has(pool) && instances.some((live) => freeSlots(live) > 0)) {
    const accounts = await accountsWaiting(pool)
    if (accounts.length === 0) break
    const claimed = await Promise.all(
      instances.map((live) => {
        const max = Math.min(freeSlots(live), accounts.length === 1 ? live.slots : 1)
        return max > 0 ? reserved(live, max, () => claim(live, nextOf(pool, accounts), max)) : 0
      }),
    )
    if (sumOf(claimed) === 0) break
    total += sumOf(claimed)
  }
  return total
}

async function accountsWaiting(pool: string): Promise<number[]> {
  const { marks, waiting } = hub()
  const accounts = await findWaitingAccounts(pool)
  // A prediction that was queued during the query may be missing from it.
  if (accounts.length === 0 && hub().marks === marks) waiting.delete(pool)
  return accounts
}

/** Reserves slots of an instance while `work` runs. */
async function reserved<T>(live: TrackedInstance, slots: number, work: () => Promise<T>): Promise<T> {
  live.claiming += slots
  try {
    return await work()
  } finally {
    live.claiming -= slots
  }
}

/** Claims up to `max` predictions of an account for an instance. Returns how many. */
async function claim(live: TrackedInstance, account: number, max: number): Promise<number> {
  const claimed = await claimPredictions(live.pool, account, live.id, max)
  // The instance may have ended meanwhile.
  if (findLive(live.id)?.live !== live) {
    for (const { number } of claimed) await requeuePrediction(number, live.id)
    if (claimed.length > 0) noteWaiting(live.pool)
    return 0
  }
  for (const prediction of claimed) {
    live.running.set(prediction.id, { number: prediction.number, since: Date.now() })
    publishPrediction(prediction)
  }
  return claimed.length
}

let served = 0

/** The account that was served least recently, so that accounts take turns however much they have queued. */
function nextOf(pool: string, accounts: number[]): number {
  // Being considered is not being served: only a turn makes an entry recent.
  const last = (account: number) => hub().served.peek(`${pool} ${account}`) ?? 0
  const next = accounts.reduce((first, account) => (last(account) < last(first) ? account : first))
  hub().served.set(`${pool} ${next}`, ++served)
  return next
}
