import type { Actor } from "@/lib/auth/actor"
import { predictionSignals } from "./signals"
import { getEditableModel, requireCanEdit } from "@/lib/models/model"
import { writeModelAs } from "@/lib/models/write"
import { missing } from "@/lib/problem"
import { changePool, findOwnPool, listPools, type Pool } from "@/lib/pools/pool"

/**
 * Retries the set-up of a version after repeated failures. Throws what `getEditableModel` throws, and `missing` for a
 * version that never ran.
 */
export async function retrySetUp(actor: Actor, owner: string, name: string, version: string): Promise<void> {
  const model = await getEditableModel(actor, owner, name)
  const pool = await findOwnPool(model.id, version)
  if (!pool) throw missing()
  const retry = () => ({ failures: 0, retry_at: null, paused_at: null })
  await writeModelAs(actor, model, requireCanEdit, async (tx) => {
    await changePool(tx, pool.key, retry)
  })
  predictionSignals().publish({ type: "queued", pool: pool.key })
}

/** The set-up state of a version, for those who see its model. */
export type SetUpState = { failures: number; paused: boolean; retry_at: string | null; failure: string | null }

export async function setUpStateOf(model_id: number, version: string): Promise<SetUpState | null> {
  return stateOf(await findOwnPool(model_id, version))
}

/** The set-up state of a pool, such as a deployment's. The caller checks access. */
export const setUpStateOfPool = async (key: string): Promise<SetUpState | null> => stateOf((await listPools([key]))[0])

const stateOf = (pool: Pool | undefined): SetUpState | null =>
  pool
    ? { failures: pool.failures, paused: pool.paused_at !== null, retry_at: pool.retry_at, failure: pool.failure }
    : null
