import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { newId } from "@/lib/id"
import {
  claimOrdinal,
  countStoppedSince,
  listLiveOfPool,
  updateInstance,
  type Instance,
} from "@/lib/instances/instance"
import { areOfOneDeployment, trains } from "@/lib/pools/row"
import { egressOf } from "@/lib/models/egress"
import { findPool, listPoolsKeptReady, updatePool, type ReadyTarget, type WholePool } from "@/lib/pools/pool"
import { busyReason, clearOtherWaitingReasons, setWaitingReason } from "@/lib/pools/waiting"
import type { Prediction } from "@/lib/predictions/row"
import {
  cancelNow,
  countWaiting,
  endPrediction,
  findRunningOn,
  findWaiting,
  findWaitingPools,
} from "@/lib/predictions/running"
import { listLiveRunners } from "@/lib/runners/runner"
import { isOlderBundle, olderBundleText } from "@/lib/versions/bundled"
import { takeInstance } from "./room"
import { desiredInstances, maxSamples } from "./scale"
import { countRunning, hub, noteWaiting, type TrackedInstance, type RunnerState } from "./state"

/**
 * Decides what to start and stop in every pool that has work, or instances on this runner. One instance is started at a
 * time, because only the next report says how much capacity is left.
 */
export async function decide(runner: RunnerState): Promise<void> {
  const waiting = new Set(await findWaitingPools())
  for (const pool of waiting) noteWaiting(pool)
  const own = [...runner.instances.values()]
  const kept = await listPoolsKeptReady()
  clearOtherWaitingReasons(new Set([...waiting, ...kept.keys()]))
  const { starved } = hub()
  for (const key of starved.keys()) if (!waiting.has(key)) starved.delete(key)
  const pools = inTurn([...new Set([...waiting, ...own.map(({ pool }) => pool), ...kept.keys()])], own, kept)
  let started = false
  for (const key of pools) {
    const pool = await findPool(key)
    const queued = waiting.has(key) ? await countWaiting(key) : 0
    if (!pool) {
      await failQueue(key, "The version was deleted.")
      for (const live of own) if (live.pool === key) live.stopping ??= "deleted"
      continue
    }
    const disabled = pool.max_instances === 0
    if (disabled) await cancelAll(own, key)
    if (disabled || (pool.retired_at && queued === 0)) {
      await stopAllIdle(own, key, disabled)
      continue
    }
    if (pool.paused_at && queued > 0)
      await failQueue(
        key,
        `The set-up of this version failed ${pool.failures} times in a row:\n${pool.failure ?? ""}`.trim(),
      )
    if (trains(pool) && queued === 0) {
      for (const live of own)
        if (live.pool === key && live.stopping === null && countRunning(live) === 0) await stopIdle(live, "done")
      continue
    }
    const { owner, latest_version_id } = pool.model
    const yielded = await instanceToYield(pool, own)
    const older = isOlderBundle({ ...pool.version_row, id: pool.version, owner, latest_version_id })
    if (older && queued > 0) await failQueue(key, olderBundleText(pool.model))
    for (const live of own) {
      if (live.pool !== key || live.stopping !== null) continue
      live.outdated = older || live.egress !== egressFor(pool)
      if (live.outdated && countRunning(live) === 0) await stopIdle(live, "outdated")
      if (live === yielded) live.yielding = pool.yields_to
      else if (live.yielding !== null && !starved.has(live.yielding)) live.yielding = null
      if (live.yielding !== null && countRunning(live) === 0) await stopIdle(live, "room")
    }
    if (older) continue
    const state = await stateOf(pool, own, queued)
    const decision = desiredInstances(state)
    if (decision.start === 0 || state.ready + state.booting > 0) starved.delete(key)
    for (const live of longestIdle(own, key).slice(0, decision.stop)) await stopIdle(live, "idle")
    await noteRuns(pool)
    const wanted: string | null = decision.start > 0 ? await startOne(runner, pool, { started, queued, kept }) : null
    started ||= wanted === "started"
    if (queued > 0 || kept.has(key))
      setWaitingReason(key, wanted === null || wanted === "started" ? bootingReason(pool) : wanted)
  }
  await Promise.all([...runner.instances.values()].map(saveState))
}

/**
 * The order in which pools may take free capacity: those without instances first, the starved longest in front.
 * Yielding pools come last, so that they do not take back what they have just freed.
 */
function inTurn(pools: string[], own: TrackedInstance[], kept: ReadonlyMap<string, ReadyTarget>): string[] {
  const present = new Set(own.map(({ pool }) => pool))
  const yields = (pool: string) => (kept.get(pool)?.yields_to ?? null) !== null
  const rank = (pool: string) => (yields(pool) ? 2 : present.has(pool) ? 1 : 0)
  const since = (pool: string) => hub().starved.get(pool) ?? Number.MAX_SAFE_INTEGER
  return pools.sort((a, b) => rank(a) - rank(b) || since(a) - since(b))
}

/**
 * The newest ready instance of a pool that yields to a new release without instances, on full machines. It gets no more
 * predictions. Undefined if the pool has fewer than two, or one is already stopping.
 */
async function instanceToYield(pool: WholePool, own: TrackedInstance[]): Promise<TrackedInstance | undefined> {
  if (pool.yields_to === null || (await listLiveOfPool(pool.yields_to)).length > 0) return undefined
  const all = own.filter((live) => live.pool === pool.key && live.ready_at !== null && !live.leaving)
  if (all.length < 2 || all.some(({ stopping }) => stopping !== null)) return undefined
  return all.sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0]
}

async function stateOf(pool: WholePool, own: TrackedInstance[], queued: number) {
  const everywhere = await listLiveOfPool(pool.key)
  const here = own.filter(
    (live) => live.pool === pool.key && live.stopping === null && !live.outdated && live.yielding === null,
  )
  const known = new Set(own.map(({ id }) => id))
  const elsewhere = everywhere.filter(({ id }) => !known.has(id))
  const readyElsewhere = elsewhere.filter(({ ready_at }) => ready_at !== null)
  const ready = here.filter(({ ready_at }) => ready_at !== null)
  const idle = ready.filter((live) => countRunning(live) === 0).map(({ idleSince }) => (Date.now() - idleSince) / 1000)
  return {
    queued,
    running:
      here.reduce((sum, { running }) => sum + running.size, 0) +
      readyElsewhere.filter(({ state }) => state === "busy").length,
    ready: ready.length + readyElsewhere.length,
    booting: here.length - ready.length + elsewhere.length - readyElsewhere.length,
    idle,
    running_seconds: ready.map(({ running }) => [...running.values()].map(({ since }) => (Date.now() - since) / 1000)),
    slots: Math.max(1, ...ready.map(({ slots }) => slots)),
    boot_seconds: pool.boot_seconds,
    run_seconds: [...pool.run_seconds, ...(hub().runSeconds.get(pool.key) ?? [])].slice(-maxSamples),
    failures: pool.failures,
    retry_in: pool.retry_at === null ? 0 : Math.max(0, (Date.parse(pool.retry_at) - Date.now()) / 1000),
    paused: pool.paused_at !== null,
    min: Math.min(maxInstancesOf(pool), Math.max(pool.min_instances, warmOf(pool))),
    max: maxInstancesOf(pool),
    buffer: pool.buffer_instances,
    idle_seconds: pool.idle_seconds,
    stopped_lately: await countStoppedSince(pool.key, fromNow(-60)),
  }
}

/** The maximum number of instances in a pool. Deployments set their own. */
const maxInstancesOf = ({ owner_id, max_instances }: WholePool) =>
  owner_id === null ? Math.min(max_instances, env.INSTANCES_PER_VERSION) : max_instances

const warmOf = ({ warm_instances, warm_until }: WholePool) =>
  warm_until !== null && warm_until > now() ? warm_instances : 0

/** Cancels a disabled deployment's predictions: those running on this runner, and all queued ones. */
async function cancelAll(own: TrackedInstance[], key: string): Promise<void> {
  const instances = own.filter((live) => live.pool === key && live.running.size > 0).map(({ id }) => id)
  const because = { because: "The deployment was disabled." }
  for (const prediction of await findRunningOn(instances)) await cancelNow(prediction, undefined, because)
  await endQueue(key, (prediction) => cancelNow(prediction, undefined, because))
}

/** Stops the instances that a deployment no longer needs: idle ones, and booting ones too if it is disabled. */
async function stopAllIdle(own: TrackedInstance[], key: string, booting: boolean) {
  for (const live of longestIdle(own, key)) await stopIdle(live, "idle")
  for (const live of own)
    if (live.pool === key && booting && live.ready_at === null && live.stopping === null) await stopIdle(live, "idle")
}

const longestIdle = (own: TrackedInstance[], pool?: string) =>
  own
    .filter(
      (live) =>
        (pool === undefined || live.pool === pool) &&
        live.ready_at !== null &&
        live.stopping === null &&
        !live.leaving &&
        countRunning(live) === 0,
    )
    .sort((a, b) => a.idleSince - b.idleSince)

const countReadyIn = (own: TrackedInstance[], pool: string) =>
  own.filter((live) => live.pool === pool && live.ready_at !== null && live.stopping === null && !live.leaving).length

/**
 * Starts an instance on this runner. Otherwise, returns the reason for `status_detail`, or null if there is none to
 * show: another runner or a later decision may start it.
 */
async function startOne(
  runner: RunnerState,
  pool: WholePool,
  { started, queued, kept }: { started: boolean; queued: number; kept: ReadonlyMap<string, ReadyTarget> },
): Promise<"started" | string | null> {
  // Owners may change the hardware of a model; a deployment has its own.
  const hardware = pool.owner_id === null ? pool.model.hardware : pool.hardware
  const engine = engineFor(pool, runner.engines)
  const offer = runner.capacity.find(({ sku }) => sku === hardware)
  if (!engine || !offer) return placementProblem(pool, hardware)
  if (started) return null
  if (offer.free < 1) {
    const all = [...runner.instances.values()]
    if (all.some(({ stopping }) => stopping === "room")) return null
    // Stops an idle instance of another pool to free capacity. Instances that are kept ready stop only for another
    // release of their deployment.
    const longest = longestIdle(all).find(
      (live) =>
        live.pool !== pool.key &&
        !hub().waiting.has(live.pool) &&
        (countReadyIn(all, live.pool) > (kept.get(live.pool)?.instances ?? 0) ||
          kept.get(live.pool)?.yields_to === pool.key ||
          (pool.retired_at !== null && areOfOneDeployment(live.pool, pool.key))),
    )
    if (longest) {
      await stopIdle(longest, "room")
      return null
    }
    if (queued > 0 && (await listLiveOfPool(pool.key)).length === 0) await takeInstance(all, pool, hardware, kept)
    return busyReason(hardware)
  }
  const id = newId()
  const egress = egressFor(pool)
  const claimed = await claimOrdinal(
    { id, pool: pool.key, runner: runner.id, engine, hardware, egress, slots: 1 },
    maxInstancesOf(pool),
  )
  if (!claimed) return null
  hub().starved.delete(pool.key)
  runner.instances.set(id, {
    id,
    pool: pool.key,
    engine,
    hardware,
    egress,
    slots: 1,
    created_at: claimed.created_at,
    ready_at: null,
    setting_up: false,
    idleSince: Date.now(),
    running: new Map(),
    reported: new Set(),
    reportedBy: null,
    ordered: false,
    stopping: null,
    leaving: false,
    outdated: false,
    yielding: null,
    claiming: 0,
    notBefore: 0,
    saved: "booting",
  })
  return "started"
}

/** The network access of a new instance of the pool. */
const egressFor = ({ version_row, model }: WholePool): Instance["egress"] =>
  version_row.bundled === null && egressOf(model) === "internet" ? "internet" : "none"

const engineFor = ({ version_row }: WholePool, engines: string[]): Instance["engine"] | undefined =>
  (version_row.bundled !== null ? (["process"] as const) : (["docker", "kubernetes"] as const)).find((engine) =>
    engines.includes(engine),
  )

/** Why no runner can run the pool, as a sentence; null if another one has the engine and hardware. */
async function placementProblem(pool: WholePool, hardware: string): Promise<string | null> {
  const runners = await listLiveRunners()
  const able = runners.filter(({ engines }) => engineFor(pool, engines))
  if (able.length === 0)
    return pool.version_row.bundled === null
      ? "No runner can run pushed images. That needs Docker or podman."
      : "No runner here can run bundled models."
  return able.some(({ capacity }) => capacity.some(({ sku }) => sku === hardware))
    ? null
    : `No runner offers the hardware ${hardware}.`
}

const bootingReason = ({ failures, retry_at, failure }: WholePool): string | null =>
  failures > 0 && retry_at !== null && retry_at > now()
    ? `The last set-up failed and is tried again at ${retry_at.slice(0, 19)}Z:\n${failure ?? ""}`.trim()
    : null

async function stopIdle(live: TrackedInstance, reason: "idle" | "room" | "done" | "outdated") {
  live.stopping = reason
  live.saved = "stopping"
  await updateInstance(live.id, { state: "stopping", reason })
}

/** Fails every queued prediction of a pool. */
const failQueue = (pool: string, error: string): Promise<void> =>
  endQueue(pool, (prediction) => endPrediction(prediction, { status: "failed", error }))

async function endQueue(pool: string, end: (prediction: Prediction) => Promise<unknown>): Promise<void> {
  for (;;) {
    const waiting = await findWaiting(pool, 100)
    for (const prediction of waiting) await end(prediction)
    if (waiting.length < 100) break
  }
  hub().waiting.delete(pool)
}

/** Saves the durations of recent runs and the time of last use. */
async function noteRuns({ key, run_seconds }: WholePool): Promise<void> {
  const fresh = hub().runSeconds.get(key)
  if (!fresh) return
  hub().runSeconds.delete(key)
  await updatePool(key, { run_seconds: [...run_seconds, ...fresh].slice(-maxSamples), used_at: now() })
}

/** Saves the state of instances for pages, at most once per report. */
async function saveState(live: TrackedInstance): Promise<void> {
  if (live.ready_at === null || live.stopping !== null) return
  const state = countRunning(live) > 0 ? "busy" : "idle"
  if (state === live.saved) return
  live.saved = state
  await updateInstance(live.id, {
    state,
    ...(state === "idle" && { idle_since: new Date(live.idleSince).toISOString().replace("Z", "000Z") }),
  })
}
