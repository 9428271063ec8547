import type { Actor } from "@/lib/auth/actor"
import { predictionSignals } from "./signals"
import { getOwnModel, requireToEdit } from "@/lib/models/model"
import { writeModelAs } from "@/lib/models/write"
import { missing } from "@/lib/problem"
import { changePool, listPoolsOf } from "@/lib/pools/pool"

/** Has the set-up of a version tried again that failed too often. Throws what `getOwnModel` throws, and `missing` for a version that never ran. */
export async function retrySetUp(actor: Actor, owner: string, name: string, version: string): Promise<void> {
  const model = await getOwnModel(actor, owner, name)
  const pools = await listPoolsOf(model.id, version)
  if (pools.length === 0) throw missing()
  await writeModelAs(actor, model, requireToEdit, async (tx) => {
    for (const { key } of pools) await changePool(tx, key, () => ({ failures: 0, retry_at: null, paused_at: null }))
  })
  for (const { key } of pools) predictionSignals().publish({ type: "queued", pool: key })
}

/** How the set-up of a version stands, for those who see its model. */
export type SetUpState = { failures: number; paused: boolean; retry_at: string | null; failure: string | null }

export async function setUpStateOf(model_id: number, version: string): Promise<SetUpState | null> {
  const [pool] = await listPoolsOf(model_id, version)
  return pool
    ? { failures: pool.failures, paused: pool.paused_at !== null, retry_at: pool.retry_at, failure: pool.failure }
    : null
}
