import type { Db } from "@/db"
import { now } from "@/lib/clock"
import { changePool, insertPool, updatePoolsWithin, updatePoolWithin } from "@/lib/pools/pool"
import { poolOfRelease, poolsOfDeployment, type Deployment, type Release } from "./row"
import { insertRelease, markFailed, updateDeploymentRow } from "./store"

/** The configuration of a release. */
export type Configuration = Pick<
  Release,
  | "model_id"
  | "model"
  | "version"
  | "hardware"
  | "min_instances"
  | "max_instances"
  | "idle_seconds"
  | "buffer_instances"
>

type Options = { created_by: number; canary?: { percent: number; minutes: number }; rollback_of?: number }

/** The pool's scaling limits from a configuration. */
const scaleOf = ({ min_instances, max_instances, idle_seconds, buffer_instances }: Configuration) => ({
  min_instances,
  max_instances,
  idle_seconds,
  buffer_instances,
})

/** Creates the first release within the write that creates a deployment. It serves at once. */
export async function firstRelease(
  tx: Db,
  deployment: { id: number; owner_id: number; run_limit_minutes: number | null; setup_limit_minutes: number | null },
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
    setup_limit_minutes: deployment.setup_limit_minutes,
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
 * Creates a release within the write that changes a deployment. If only scaling limits change, it takes over the
 * existing instances at once. Otherwise it gets its own, and the previous release serves until those are ready.
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
  await updatePoolWithin(tx, serves.pool, { yields_to: null })
  if (same) await updatePoolWithin(tx, pool, { ...scaleOf(configuration), ...scale })
  else
    await insertPool(tx, {
      key: pool,
      owner_id: deployment.owner_id,
      model_id: configuration.model_id,
      version: configuration.version,
      hardware: configuration.hardware,
      run_limit_minutes: deployment.run_limit_minutes,
      setup_limit_minutes: deployment.setup_limit_minutes,
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
    rollout_since: same ? null : created_at,
    updated_at: created_at,
  })
}

const disabled = { min_instances: 0, max_instances: 0 }

/** Retires a pool: its instances drain the queue, then stop. */
async function retire(tx: Db, pool: string): Promise<void> {
  const retired_at = now()
  await updatePoolWithin(tx, pool, { min_instances: 0, ...cold, yields_to: null, retired_at })
}

const cold = { warm_instances: 0, warm_until: null }

/** Lets the current release serve; the previous one drains. */
export async function promoteRelease(tx: Db, { id, current, release, serves }: Deployment): Promise<void> {
  if (serves.pool !== release.pool) await retire(tx, serves.pool)
  await updatePoolWithin(tx, release.pool, { ...cold, yields_to: null })
  await updateDeploymentRow(tx, id, {
    serving: current,
    rollout: "done",
    rollout_detail: null,
    canary_since: null,
    rollout_since: null,
    updated_at: now(),
  })
}

/** Marks the current release as failed; the previous one keeps serving. */
export async function failRollout(tx: Db, { id, current, release, serves }: Deployment, detail: string): Promise<void> {
  if (serves.pool !== release.pool) await retire(tx, release.pool)
  await updatePoolWithin(tx, serves.pool, { yields_to: null })
  await markFailed(tx, id, current)
  await updateDeploymentRow(tx, id, {
    rollout: "failed",
    rollout_detail: detail.slice(0, 4000),
    rollout_since: null,
    updated_at: now(),
  })
}

/** Keeps instances of a release warm without traffic. */
export async function warm(tx: Db, pool: string, instances: number, until: string): Promise<void> {
  await changePool(tx, pool, ({ warm_instances, warm_until }) => ({
    warm_instances: warm_until !== null && warm_until > now() ? Math.max(warm_instances, instances) : instances,
    warm_until: warm_until !== null && warm_until > until ? warm_until : until,
  }))
}

/** Stops all pools of a deployment, including draining ones. Their predictions are canceled. */
export const stopPools = (tx: Db, { id }: Pick<Deployment, "id">): Promise<void> =>
  updatePoolsWithin(tx, poolsOfDeployment(id), { ...disabled, ...cold, yields_to: null })

/** Starts the pools of a deployment again and continues its rollout. Its time limit begins anew. */
export async function startPools(tx: Db, { id, rollout_since, release, serves }: Deployment): Promise<void> {
  for (const one of [serves, release]) await updatePoolWithin(tx, one.pool, { ...scaleOf(one), ...fresh })
  if (rollout_since !== null) await updateDeploymentRow(tx, id, { rollout_since: now() })
}

const fresh = { failures: 0, retry_at: null, paused_at: null }
