import type { Db } from "@/db"
import { now } from "@/lib/clock"
import { changePool, insertPool, updatePoolWithin } from "@/lib/pools/pool"
import { poolOfRelease, type Deployment, type Release } from "./row"
import { insertRelease, markFailed, updateDeploymentRow } from "./store"

/** What a release says. */
export type Configuration = Pick<
  Release,
  "model_id" | "model" | "version" | "hardware" | "min_instances" | "max_instances" | "idle_seconds"
>

type Options = { created_by: number; canary?: { percent: number; minutes: number }; rollback_of?: number }

/** A roll-out that boots nothing for so long is looked at again: what is to be warm is said anew with every look. */
const warmSeconds = 3600

/** The numbers of a pool that runs a configuration. */
const scaleOf = ({ min_instances, max_instances, idle_seconds }: Configuration) => ({
  min_instances,
  max_instances,
  idle_seconds,
})

/** Part of the write that creates a deployment: its first release, which serves at once. */
export async function firstRelease(
  tx: Db,
  deployment: { id: number; owner_id: number; run_limit_minutes: number | null },
  configuration: Configuration,
  { created_by }: Options,
): Promise<void> {
  const pool = poolOfRelease(deployment.id, 1)
  await insertPool(tx, {
    key: pool,
    owner_id: deployment.owner_id,
    model_id: configuration.model_id,
    version: configuration.version,
    hardware: configuration.hardware,
    run_limit_minutes: deployment.run_limit_minutes,
    ...scaleOf(configuration),
  })
  await insertRelease(tx, {
    deployment_id: deployment.id,
    number: 1,
    ...configuration,
    pool,
    rollback_of: null,
    failed: false,
    created_by,
    created_at: now(),
  })
}

/**
 * Part of the write that changes what a deployment runs. Where only numbers change, the instances that there are go on under them; anything else gets
 * instances of its own, and what serves goes on serving until those are ready.
 */
export async function nextRelease(
  tx: Db,
  deployment: Deployment,
  configuration: Configuration,
  { created_by, canary, rollback_of }: Options,
): Promise<void> {
  const { id, serves, release, paused_at } = deployment
  const number = deployment.current + 1
  const created_at = now()
  if (release.number !== serves.number && release.pool !== serves.pool) await retire(tx, release.pool)
  const same = (["model_id", "version", "hardware"] as const).every((field) => configuration[field] === serves[field])
  const pool = same ? serves.pool : poolOfRelease(id, number)
  const scale = paused_at === null ? scaleOf(configuration) : disabled
  if (same) await updatePoolWithin(tx, pool, { ...scale, idle_seconds: configuration.idle_seconds })
  else
    await insertPool(tx, {
      key: pool,
      owner_id: deployment.owner_id,
      model_id: configuration.model_id,
      version: configuration.version,
      hardware: configuration.hardware,
      run_limit_minutes: deployment.run_limit_minutes,
      ...scaleOf(configuration),
      ...scale,
    })
  await insertRelease(tx, {
    deployment_id: id,
    number,
    ...configuration,
    pool,
    rollback_of: rollback_of ?? null,
    failed: false,
    created_by,
    created_at,
  })
  await updateDeploymentRow(tx, id, {
    current: number,
    ...(same && { serving: number }),
    rollout: same ? "done" : canary ? "canary" : "rolling",
    rollout_detail: null,
    canary_percent: canary && !same ? canary.percent : null,
    canary_minutes: canary && !same ? canary.minutes : null,
    canary_since: null,
    updated_at: created_at,
  })
}

const disabled = { min_instances: 0, max_instances: 0 }

/** Nothing new comes into a pool, and what it has ends by itself. */
export async function retire(tx: Db, pool: string): Promise<void> {
  await updatePoolWithin(tx, pool, { min_instances: 0, warm_instances: 0, warm_until: null, retired_at: now() })
}

/** The current release serves from now on; the one before it ends what it has. */
export async function serve(tx: Db, { id, current, release, serves }: Deployment): Promise<void> {
  if (serves.pool !== release.pool) await retire(tx, serves.pool)
  await updatePoolWithin(tx, release.pool, { warm_instances: 0, warm_until: null })
  await updateDeploymentRow(tx, id, {
    serving: current,
    rollout: "done",
    rollout_detail: null,
    canary_since: null,
    updated_at: now(),
  })
}

/** The current release will not serve; the one before it goes on. */
export async function giveUp(tx: Db, { id, current, release, serves }: Deployment, detail: string): Promise<void> {
  if (serves.pool !== release.pool) await retire(tx, release.pool)
  await markFailed(tx, id, current)
  await updateDeploymentRow(tx, id, { rollout: "failed", rollout_detail: detail.slice(0, 4000), updated_at: now() })
}

/** Has instances of a release ready although nothing waits for them. */
export async function warm(tx: Db, pool: string, instances: number, until: string): Promise<void> {
  await changePool(tx, pool, ({ warm_instances, warm_until }) => ({
    warm_instances: warm_until !== null && warm_until > now() ? Math.max(warm_instances, instances) : instances,
    warm_until: warm_until !== null && warm_until > until ? warm_until : until,
  }))
}

/** Stops what a deployment runs, and starts nothing more. */
export async function stopPools(tx: Db, { release, serves }: Deployment): Promise<void> {
  for (const pool of new Set([release.pool, serves.pool]))
    await updatePoolWithin(tx, pool, { ...disabled, warm_instances: 0, warm_until: null })
}

/** Has a deployment run again what it ran, and roll out what it was about to. */
export async function startPools(tx: Db, { release, serves }: Deployment): Promise<void> {
  for (const one of [serves, release]) await updatePoolWithin(tx, one.pool, { ...scaleOf(one), ...fresh })
}

const fresh = { failures: 0, retry_at: null, paused_at: null }

export { warmSeconds }
