import { microsOf, now } from "@/lib/clock"
import { listLiveOfRunner } from "@/lib/instances/instance"
import { publishPrediction } from "@/lib/predictions/channel"
import { findPool, type WholePool } from "@/lib/pools/pool"
import { endPrediction, findCurrentPrediction, findRunningOn } from "@/lib/predictions/running"
import { findRunner, recordRunner } from "@/lib/runners/runner"
import type { RunnerOrders, RunnerReport } from "@/lib/runner/port"
import { updateInstance } from "@/lib/instances/instance"
import { claimFor } from "./dispatch"
import { decide } from "./scheduler"
import { recordReady, endInstance } from "./ending"
import { runOrderOf, instanceSpecOf } from "./run-order"
import { hub, wakeRunners, type TrackedInstance, type RunnerState } from "./state"

/** Milliseconds between two decisions: by default, and after a change. */
const decideEvery = { usually: 1000, atLeast: 100 }
const recordEvery = 5000

/** Handles the reports of a runner one at a time, and returns its orders. */
export async function answerReport(report: RunnerReport, name: string): Promise<RunnerOrders> {
  const runner = hub().runners.get(report.runner) ?? (await load(report))
  const turn = runner.turn.then(() => answer(runner, report, name))
  runner.turn = turn.catch(() => {})
  return turn
}

/** Loads the state of a runner that this process hears from for the first time. */
async function load({ runner: id, boot }: RunnerReport): Promise<RunnerState> {
  const [row, rows] = [await findRunner(id), await listLiveOfRunner(id)]
  const instances = new Map<string, TrackedInstance>()
  for (const one of rows)
    instances.set(one.id, {
      id: one.id,
      pool: one.pool,
      engine: one.engine,
      hardware: one.hardware,
      egress: one.egress,
      slots: one.slots,
      created_at: one.created_at,
      ready_at: one.ready_at,
      setting_up: one.state !== "booting",
      idleSince: Date.parse(one.idle_since ?? one.created_at),
      running: new Map(),
      reported: new Set(),
      reportedBy: null,
      ordered: false,
      stopping: one.state === "stopping" ? (one.reason ?? "idle") : null,
      leaving: false,
      outdated: false,
      yielding: null,
      claiming: 0,
      notBefore: 0,
      saved: one.state,
    })
  for (const prediction of await findRunningOn([...instances.keys()])) {
    const { id, number, claimed_at } = prediction
    instances.get(prediction.instance_id!)!.running.set(id, { number, since: Date.parse(claimed_at!) })
    publishPrediction(prediction)
  }
  const known = hub().runners.get(id)
  if (known) return known
  const runner: RunnerState = {
    id,
    boot,
    loadedAt: now(),
    seenBefore: row?.seen_at ?? null,
    capacity: [],
    engines: [],
    instances,
    dispatchedTo: new Map(),
    recordedAt: -Infinity,
    decidedAt: -Infinity,
    needsDecision: true,
    postponed: false,
    turn: Promise.resolve(),
  }
  hub().runners.set(id, runner)
  return runner
}

async function answer(runner: RunnerState, report: RunnerReport, name: string): Promise<RunnerOrders> {
  const { boot, capacity, engines, architecture } = report
  Object.assign(runner, { boot, capacity, engines })
  const at = performance.now()
  if (at - runner.recordedAt > recordEvery || runner.recordedAt === -Infinity) {
    await recordRunner({ id: runner.id, name, capacity, engines, architecture })
    runner.recordedAt = at
  }
  await reconcileInstances(runner, report)
  const claimed = await claimFor(runner)
  const since = performance.now() - runner.decidedAt
  const due = since > decideEvery.usually || (runner.needsDecision && since > decideEvery.atLeast)
  if (due && claimed > 0 && !runner.postponed) {
    // The decision is left to the next report, which follows at once, so that claimed predictions start sooner.
    runner.postponed = true
    wakeRunners()
  } else if (due) {
    runner.postponed = false
    runner.needsDecision = false
    await decide(runner)
    runner.decidedAt = performance.now()
    await claimFor(runner)
  }
  return ordersFor(runner, report)
}

/** Reconciles the instance rows with the runner's report. */
async function reconcileInstances(runner: RunnerState, report: RunnerReport): Promise<void> {
  const told = new Map(report.instances.map((one) => [one.id, one]))
  for (const live of runner.instances.values()) {
    const now = told.get(live.id)
    if (!now) {
      await endMissingInstance(runner, live, report)
      continue
    }
    live.reportedBy = report.boot
    live.reported = new Set(now.running)
    live.leaving = now.state === "stopping" || now.state === "gone"
    if (now.state === "gone") {
      // Wait until the runner has reported the ends of its predictions.
      if (now.running.length === 0)
        await endInstance(runner, live, { reason: now.reason ?? "exit", detail: now.detail })
    } else if (now.state === "ready" && live.ready_at === null) await recordReady(live, now)
    else if (now.state === "ready" && now.slots !== undefined && now.slots !== live.slots) live.slots = now.slots
    else if (now.state === "setting_up" && !live.setting_up) {
      live.setting_up = true
      await updateInstance(live.id, { state: "setting_up" })
    }
  }
}

/** Handles an instance that is missing from its runner's report. */
async function endMissingInstance(runner: RunnerState, live: TrackedInstance, { boot }: RunnerReport): Promise<void> {
  // If this boot of the runner has reported it before, it has ended; otherwise the order to start it may be in flight.
  if (live.reportedBy === boot)
    return endInstance(runner, live, { reason: "exit", detail: "Its runner no longer knows it." })
  if (live.reportedBy === null && live.ordered) return
  // The exact end is unknown. It was not before the runner's last report.
  const at = earlierOf(runner.seenBefore ?? live.created_at, now())
  await endInstance(runner, live, {
    reason: "lost",
    detail: "It was gone after a restart.",
    at: microsOf(at) > microsOf(live.created_at) ? at : live.created_at,
  })
}
const earlierOf = (a: string, b: string) => (a < b ? a : b)

async function ordersFor(runner: RunnerState, report: RunnerReport): Promise<RunnerOrders> {
  const orders: RunnerOrders = { start: [], stop: [], run: [], cancel: [] }
  const pools = new Map<string, WholePool | undefined>()
  const poolOf = async (key: string) => {
    if (!pools.has(key)) pools.set(key, await findPool(key))
    return pools.get(key)
  }
  for (const { id, state } of report.instances)
    if (!runner.instances.has(id) && state !== "gone") orders.stop.push({ id, grace_ms: 0 })

  for (const live of runner.instances.values()) {
    if (live.reportedBy !== report.boot && live.ready_at === null) {
      const pool = await poolOf(live.pool)
      if (pool) {
        live.ordered = true
        orders.start.push(await instanceSpecOf(pool, live))
      }
      continue
    }
    if (live.stopping !== null) orders.stop.push({ id: live.id, grace_ms: 10_000 })
    for (const id of live.reported) if (!live.running.has(id)) orders.cancel.push({ instance: live.id, prediction: id })
    for (const id of live.running.keys()) {
      if (live.reported.has(id)) {
        runner.dispatchedTo.set(id, report.boot)
        continue
      }
      const prediction = await findCurrentPrediction(id)
      if (!prediction || prediction.instance_id !== live.id || prediction.completed_at) {
        live.running.delete(id)
        continue
      }
      const pool = await poolOf(live.pool)
      if (!pool) {
        await endPrediction(prediction, { status: "failed", error: "The version was deleted." })
        continue
      }
      const handedTo = runner.dispatchedTo.get(id)
      const resume = handedTo === undefined ? prediction.claimed_at! < runner.loadedAt : handedTo !== report.boot
      runner.dispatchedTo.set(id, report.boot)
      orders.run.push({ instance: live.id, prediction: await runOrderOf(prediction, pool, live, resume) })
    }
  }
  return orders
}
