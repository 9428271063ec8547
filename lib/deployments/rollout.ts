import Big from "big.js"
import { LRUCache } from "lru-cache"

import { read, write, type Db } from "@/db"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { listLiveOfPool } from "@/lib/instances/instance"
import type { Job } from "@/lib/jobs/job"
import { log } from "@/lib/log"
import { listPools, updatePoolWithin, type Pool } from "@/lib/pools/pool"
import { busyReason, waitingReason } from "@/lib/pools/waiting"
import { outcomesOf, type Outcomes } from "@/lib/predictions/running"
import { checkAlerts, raiseAlert, type AlertKind } from "./alerts"
import { unavailable, wake } from "./deployment"
import { failRollout, nextRelease, promoteRelease, stopPools, warm } from "./release"
import type { Deployment } from "./row"
import { scheduled } from "./schedule"
import {
  anyActiveDeployment,
  costSince,
  findTagged,
  listActiveDeployments,
  listUnrunnable,
  mayRun,
  readDeployment,
  updateDeploymentRow,
} from "./store"

/** Failed set-ups after which a rollout fails. One is tolerated, because it may be a temporary failure. */
const maxFailedSetUps = 2

/** The periodic work of deployments: rollouts, followed tags, schedules, spending caps and alerts. */
export const deploymentsJob: Job = {
  name: "deployments",
  every: 1,
  by: "installation",
  hasWork: anyActiveDeployment,
  async run(signal) {
    for (const deployment of await listUnrunnable()) await pause(deployment, unavailable)
    for (const deployment of await listActiveDeployments()) {
      if (signal.aborted) return
      try {
        await reconcile(deployment)
      } catch (error) {
        log("error", "a deployment could not be reconciled", { deployment: deployment.id, error })
      }
    }
  },
}

async function reconcile(deployment: Deployment): Promise<void> {
  const paused = await reasonToPause(deployment)
  if (paused) return pause(deployment, paused, "cap_reached")
  if (deployment.follows !== null) await follow(deployment)
  if (deployment.schedule.length > 0) await applySchedule(deployment)
  if (deployment.rollout === "rolling" || deployment.rollout === "canary") await rollOut(deployment)
  if (deployment.alert_webhook !== null && isDue(deployment, "alerts", 2)) await checkAlerts(deployment)
}

/** Applies an automatic change to the current row. Does nothing if the deployment has changed or was disabled. */
async function changeAutomatically(
  { id, updated_at }: Deployment,
  fn: (tx: Db, current: Deployment) => Promise<void>,
): Promise<void> {
  const changed = await write(async (tx) => {
    const current = await readDeployment(tx, id)
    if (!current || current.updated_at !== updated_at || current.paused_at !== null) return undefined
    await fn(tx, current)
    return readDeployment(tx, id)
  })
  if (changed) wake(changed)
}

async function pause(deployment: Deployment, reason: string, alert?: AlertKind): Promise<void> {
  await changeAutomatically(deployment, async (tx, current) => {
    await stopPools(tx, current)
    await updateDeploymentRow(tx, current.id, { paused_at: now(), paused_reason: reason, updated_at: now() })
    await recordEvent(tx, ownEvent(current, "deployment.disabled", { reason }))
    if (alert) await raiseAlert(tx, current, alert, reason)
  })
}

const ownEvent = (
  { owner_id, name }: Deployment,
  action: "deployment.disabled" | "deployment.rolled_out" | "deployment.rollout_failed" | "deployment.updated",
  details: Record<string, string | number>,
) => auditEvent({ actor: null, owner_id, action, subject: name, details })

async function reasonToPause(deployment: Deployment): Promise<string | undefined> {
  if (deployment.monthly_cap_usd === null || !isDue(deployment, "cap", 10)) return undefined
  const spent = await costSince(deployment, `${now().slice(0, 7)}-01`)
  return Big(spent).gte(deployment.monthly_cap_usd)
    ? `It has reached its limit of $${deployment.monthly_cap_usd} for this month. Raise the limit to enable it again.`
    : undefined
}

/** Rate-limits expensive checks. */
function isDue({ id }: Deployment, what: string, seconds: number): boolean {
  const key = `${id} ${what}`
  if (recent.has(key)) return false
  recent.set(key, true, { ttl: seconds * 1000 })
  return true
}
const recent = new LRUCache<string, true>({ max: 10_000 })

async function follow(deployment: Deployment): Promise<void> {
  const { follows, release } = deployment
  const tagged = await findTagged(release.model_id, follows!)
  if (!tagged || tagged.version === release.version) return
  await changeAutomatically(deployment, async (tx, current) => {
    const { model_id, model, hardware, min_instances, max_instances, idle_seconds, buffer_instances } = current.release
    // The model may have become private to others.
    if (!(await mayRun(tx, current.owner_id, { model_id, version: tagged.version }))) return
    await nextRelease(
      tx,
      current,
      {
        model_id,
        model,
        version: tagged.version,
        hardware,
        min_instances,
        max_instances,
        idle_seconds,
        buffer_instances,
      },
      { created_by: current.created_by },
    )
    await recordEvent(
      tx,
      ownEvent(current, "deployment.updated", {
        version: tagged.version,
        version_was: release.version,
        follows: follows!,
      }),
    )
  })
}

async function applySchedule(deployment: Deployment): Promise<void> {
  const wanted = scheduled(deployment.schedule, new Date())
  if (wanted === 0 || !isDue(deployment, "schedule", 20)) return
  await write((tx) => warm(tx, deployment.serves.pool, Math.min(wanted, deployment.serves.max_instances), fromNow(60)))
  wake(deployment)
}

async function rollOut(deployment: Deployment): Promise<void> {
  const { release, serves, current, serving } = deployment
  if (!(await mayRun(read(), deployment.owner_id, release))) return fail(deployment, unavailable)
  const [pool] = await listPools([release.pool])
  if (pool && (pool.failures >= maxFailedSetUps || pool.paused_at !== null))
    return fail(deployment, `The set-up of release ${current} failed:\n${pool.failure ?? ""}`.trim())

  if (!(await isReady(deployment, pool))) return
  if (deployment.rollout === "canary") {
    if (deployment.canary_since === null)
      return changeAutomatically(deployment, (tx, { id }) =>
        updateDeploymentRow(tx, id, { canary_since: now(), rollout_detail: null }),
      )
    const [tried, usual] = await Promise.all([
      outcomesOf(deployment.id, release.pool, deployment.canary_since),
      outcomesOf(deployment.id, serves.pool, deployment.canary_since),
    ])
    const complaint = canaryRegression(tried, usual)
    if (complaint) return fail(deployment, complaint)
    if (isCanaryRunning(deployment)) return
  }
  await changeAutomatically(deployment, async (tx, one) => {
    await promoteRelease(tx, one)
    await recordEvent(tx, ownEvent(one, "deployment.rolled_out", { release: current, before: serving }))
  })
}

/**
 * Whether the release has enough ready instances for its next share of predictions. Otherwise boots them and shows what
 * the rollout waits for. If the machines are full or the time limit has passed, one ready instance is enough. Without
 * any, a release on full machines takes the place of an instance of the previous one, if they use the same hardware,
 * and the time limit fails the rollout.
 */
async function isReady(deployment: Deployment, pool: Pool | undefined): Promise<boolean> {
  const { release, serves, current } = deployment
  const { live, ready } = await countInstances(release.pool)
  const wanted = await wantedInstances(deployment)
  // Instances are booted before the release gets predictions.
  if ((ready < wanted || isCanaryRunning(deployment)) && isDue(deployment, `warm ${current} ${wanted}`, 20)) {
    await write((tx) => warm(tx, release.pool, wanted, fromNow(60)))
    wake(deployment)
  }
  if (ready >= wanted) return true
  const reason = waitingReason(release.pool)
  const isFull = live === ready && reason === busyReason(release.hardware) && pool?.failures === 0
  const isLate = began(deployment) < Date.now() - rolloutLimit(deployment) * 60_000
  if (ready > 0 && (isFull || isLate)) return true
  const said = [`${ready} of ${wanted} ${wanted === 1 ? "instance" : "instances"} of release ${current} ready.`, reason]
  const detail = said.filter(Boolean).join("\n")
  if (isLate) await fail(deployment, `After ${rolloutLimit(deployment)} minutes, the time limit: ${detail}`)
  else await noteWait(deployment, detail, isFull && release.hardware === serves.hardware)
  return false
}

/** Shows what a rollout waits for. With `yields`, the previous release gives up an instance for it. */
async function noteWait(deployment: Deployment, detail: string, yields: boolean): Promise<void> {
  const { release, serves, rollout_detail } = deployment
  if (detail === rollout_detail && !(yields && isDue(deployment, `yield ${release.number}`, 20))) return
  await changeAutomatically(deployment, async (tx, { id }) => {
    await updateDeploymentRow(tx, id, { rollout_detail: detail.slice(0, 4000) })
    if (yields) await updatePoolWithin(tx, serves.pool, { yields_to: release.pool })
  })
}

/** Minutes until a release must have a ready instance: enough for two set-ups, at least an hour. */
const rolloutLimit = ({ setup_limit_minutes }: Pick<Deployment, "setup_limit_minutes">): number =>
  Math.max(60, Math.ceil(maxFailedSetUps * (setup_limit_minutes ?? env.SETUP_LIMIT_MINUTES)))

/** When the time limit of the rollout began: with the rollout, or with the end of its canary. */
const began = ({ rollout_since, release, canary_since, canary_minutes }: Deployment): number =>
  canary_since === null
    ? Date.parse(rollout_since ?? release.created_at)
    : Date.parse(canary_since) + (canary_minutes ?? 10) * 60_000

/** Whether a canary has not ended yet: it gets only its share of predictions. */
const isCanaryRunning = ({ rollout, canary_since, canary_minutes }: Deployment): boolean =>
  rollout === "canary" && (canary_since === null || canary_since > fromNow(-60 * (canary_minutes ?? 10)))

const fail = (deployment: Deployment, detail: string) =>
  changeAutomatically(deployment, async (tx, current) => {
    await failRollout(tx, current, detail)
    await recordEvent(
      tx,
      ownEvent(current, "deployment.rollout_failed", { release: current.current, detail: detail.slice(0, 500) }),
    )
  })

/**
 * How many ready instances a release needs: its minimum and at least one, so that a release whose set-up fails never
 * serves. To take over from the previous release, as many as that has ready.
 */
async function wantedInstances(deployment: Deployment): Promise<number> {
  const { min_instances, max_instances } = deployment.release
  const needed = isCanaryRunning(deployment) ? 0 : (await countInstances(deployment.serves.pool)).ready
  return Math.min(max_instances, Math.max(1, min_instances, needed))
}

/** The instances of a pool that are not stopping, and how many of them are ready. */
async function countInstances(pool: string): Promise<{ live: number; ready: number }> {
  const live = (await listLiveOfPool(pool)).filter(({ state }) => state !== "stopping")
  return { live: live.length, ready: live.filter(({ ready_at }) => ready_at !== null).length }
}

/** Minimum number of canary runs for a comparison. */
const fewest = 5
const fewestForTimes = 20

/** Why a canary is worse than the previous release, as a sentence; undefined if it is not. */
export function canaryRegression(tried: Outcomes, usual: Outcomes): string | undefined {
  const rateOf = ({ failed, ended }: Outcomes) => (ended === 0 ? 0 : failed / ended)
  if (tried.ended >= fewest && tried.failed >= 3 && rateOf(tried) > rateOf(usual) + 0.1)
    return `${percent(rateOf(tried))} of its predictions failed, compared with ${percent(rateOf(usual))} for the previous release.`
  if (
    tried.p95_seconds !== null &&
    usual.p95_seconds !== null &&
    Math.min(tried.ended, usual.ended) >= fewestForTimes &&
    tried.p95_seconds > 2 * usual.p95_seconds + 1
  )
    return `Its 95th-percentile run time is ${tried.p95_seconds.toFixed(1)} s; that of the previous release is ${usual.p95_seconds.toFixed(1)} s.`
  return undefined
}
const percent = (share: number) => `${Math.round(share * 100)} %`
