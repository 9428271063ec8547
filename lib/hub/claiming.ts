import { publishPrediction } from "@/lib/predictions/channel"
import { claimPredictions, findWaitingAccounts } from "@/lib/predictions/running"
import { freeSlots, hub, type TrackedInstance, type RunnerState } from "./state"

/** Dispatches queued predictions to a runner's instances with free slots. */
export async function claimFor(runner: RunnerState): Promise<void> {
  const { waiting } = hub()
  for (const live of runner.instances.values())
    while (waiting.has(live.pool) && freeSlots(live) > 0) if (!(await claimOne(live))) break
}

/** False when the queue of its pool is empty. */
async function claimOne(live: TrackedInstance): Promise<boolean> {
  const { pool } = live
  // Cleared before the query: a prediction queued meanwhile sets it again.
  hub().waiting.delete(pool)
  const accounts = await findWaitingAccounts(pool)
  if (accounts.length === 0) return false
  hub().waiting.add(pool)
  for (const account of inTurn(pool, accounts)) {
    const most = accounts.length === 1 ? freeSlots(live) : 1
    const claimed = await claimPredictions(pool, account, live.id, most)
    for (const prediction of claimed) {
      live.running.set(prediction.id, { number: prediction.number, since: Date.now() })
      publishPrediction(prediction)
    }
    if (claimed.length === 0) continue
    hub().served.set(`${pool} ${account}`, ++served)
    if (hub().served.size > 10_000) hub().served.delete(hub().served.keys().next().value!)
    return true
  }
  return false
}
let served = 0

/** Round robin between accounts: the least recently served comes first, however many predictions it has queued. */
function inTurn(pool: string, accounts: number[]): number[] {
  const last = (account: number) => hub().served.get(`${pool} ${account}`) ?? 0
  return [...accounts].sort((a, b) => last(a) - last(b))
}
