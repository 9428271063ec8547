import Big from "big.js"

import { write, type Db } from "@/db"
import { fromNow, now } from "@/lib/clock"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { listLiveOfPool } from "@/lib/instances/instance"
import type { Job } from "@/lib/jobs/job"
import { log } from "@/lib/log"
import { listPools } from "@/lib/pools/pool"
import { countWaiting, outcomesOf, type Outcomes } from "@/lib/predictions/running"
import { checkAlerts, raiseAlert, type AlertKind } from "./alerts"
import { wake } from "./deployment"
import { giveUp, nextRelease, serve, stopPools, warm } from "./release"
import type { Deployment } from "./row"
import { scheduled } from "./schedule"
import {
  anyActiveDeployment,
  costSince,
  findTagged,
  listActiveDeployments,
  listUnrunnable,
  readDeployment,
  updateDeploymentRow,
} from "./store"

/** Failed set-ups after which a rollout fails; the first may have been bad luck. */
export const maxSetUps = 2

/** The periodic work of deployments: rollouts, followed tags, schedules, spending caps and alerts. */
export const deploymentsJob: Job = {
  name: "deployments",
  every: 1,
  by: "instance",
  hasWork: anyActiveDeployment,
  async run(signal) {
    for (const deployment of await listUnrunnable()) await pause(deployment, unavailable)
    for (const deployment of await listActiveDeployments()) {
      if (signal.aborted) return
      try {
        await lookAfter(deployment)
      } catch (error) {
        log("error", "a deployment could not be looked after", { deployment: deployment.id, error })
      }
    }
  },
}

async function lookAfter(deployment: Deployment): Promise<void> {
  const paused = await reasonToPause(deployment)
  if (paused) return pause(deployment, paused, "cap_reached")
  if (deployment.follows !== null) await follow(deployment)
  if (deployment.schedule.length > 0) await keepSchedule(deployment)
  if (deployment.rollout === "rolling" || deployment.rollout === "canary") await rollOut(deployment)
  if (deployment.alert_webhook !== null && isDue(deployment, "alerts", 2)) await checkAlerts(deployment)
}

/** The write of automatic changes, on the current deployment; does nothing if it has changed. */
async function changeItself(
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
  await changeItself(deployment, async (tx, current) => {
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

/** One text for deleted and private models, so that it does not reveal which it is. */
const unavailable = "The version that it ran is no longer available."

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
  if (Date.now() < (next.get(key) ?? 0)) return false
  next.set(key, Date.now() + seconds * 1000)
  if (next.size > 10_000) next.delete(next.keys().next().value!)
  return true
}
const next = new Map<string, number>()

async function follow(deployment: Deployment): Promise<void> {
  const { follows, release } = deployment
  const tagged = await findTagged(release.model_id, follows!)
  if (!tagged || tagged.version === release.version) return
  await changeItself(deployment, async (tx, current) => {
    const { model_id, model, hardware, min_instances, max_instances, idle_seconds, buffer_instances } = current.release
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

async function keepSchedule(deployment: Deployment): Promise<void> {
  const wanted = scheduled(deployment.schedule, new Date())
  if (wanted === 0 || !isDue(deployment, "schedule", 20)) return
  await write((tx) => warm(tx, deployment.serves.pool, Math.min(wanted, deployment.serves.max_instances), fromNow(60)))
  wake(deployment)
}

async function rollOut(deployment: Deployment): Promise<void> {
  const { release, serves, current, serving } = deployment
  const [pool] = await listPools([release.pool])
  if (pool && (pool.failures >= maxSetUps || pool.paused_at !== null))
    return fail(deployment, `The set-up of release ${current} failed:\n${pool.failure ?? ""}`.trim())

  const wanted = await wantedInstances(deployment)
  const ready = await countReady(release.pool)
  if (ready < wanted) {
    // Booted for the rollout, before any traffic is sent to it.
    if (isDue(deployment, `warm ${current}`, 20)) {
      await write((tx) => warm(tx, release.pool, wanted, fromNow(60)))
      wake(deployment)
    }
    return
  }
  if (deployment.rollout === "canary") {
    if (deployment.canary_since === null)
      return changeItself(deployment, (tx, { id }) => updateDeploymentRow(tx, id, { canary_since: now() }))
    if (isDue(deployment, `warm ${current}`, 20))
      await write((tx) => warm(tx, release.pool, Math.max(1, wanted), fromNow(60)))
    const [tried, usual] = await Promise.all([
      outcomesOf(deployment.id, release.pool, deployment.canary_since),
      outcomesOf(deployment.id, serves.pool, deployment.canary_since),
    ])
    const complaint = canaryComplaint(tried, usual)
    if (complaint) return fail(deployment, complaint)
    if (deployment.canary_since > fromNow(-60 * (deployment.canary_minutes ?? 10))) return
  }
  await changeItself(deployment, async (tx, one) => {
    await serve(tx, one)
    await recordEvent(tx, ownEvent(one, "deployment.rolled_out", { release: current, before: serving }))
  })
}

const fail = (deployment: Deployment, detail: string) =>
  changeItself(deployment, async (tx, current) => {
    await giveUp(tx, current, detail)
    await recordEvent(
      tx,
      ownEvent(current, "deployment.rollout_failed", { release: current.current, detail: detail.slice(0, 500) }),
    )
  })

/** Its minimum, and at least one if the previous release has ready instances or queued predictions: no cold start under traffic. */
async function wantedInstances({ release, serves, rollout }: Deployment): Promise<number> {
  const { min_instances, max_instances } = release
  const isBusy = rollout === "canary" || (await countReady(serves.pool)) > 0 || (await countWaiting(serves.pool)) > 0
  return Math.max(min_instances, isBusy ? Math.min(1, max_instances) : 0)
}

const countReady = async (pool: string): Promise<number> =>
  (await listLiveOfPool(pool)).filter(({ ready_at, state }) => ready_at !== null && state !== "stopping").length

/** Minimum number of canary runs for a comparison. */
const fewest = 5
const fewestForTimes = 20

/** Why a canary is worse than the previous release, as a sentence; undefined if it is not. */
export function canaryComplaint(tried: Outcomes, usual: Outcomes): string | undefined {
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
