import { write } from "@/db"
import { fromNow, microsOf, now } from "@/lib/clock"
import { markReady, stopRow } from "@/lib/instances/instance"
import { observeBoot } from "@/lib/pools/observed"
import { changePool } from "@/lib/pools/pool"
import { endPrediction, findCurrentPrediction, isBeingStored } from "@/lib/predictions/running"
import type { InstanceReport } from "@/lib/runner/port"
import { maxFailures, maxSamples, retryAfter } from "./scale"
import { hub, type TrackedInstance, type RunnerState } from "./state"

/** Why an instance ended. `lost`: its runner stopped reporting or restarted without it, so the cause is unknown. */
export type Reason = NonNullable<InstanceReport["reason"]> | "lost"

/** Records that set-up has finished. */
export async function recordReady(live: TrackedInstance, { slots = 1, cog_version }: InstanceReport): Promise<void> {
  const at = now()
  if (!(await markReady(live.id, at, { slots, cog_version: cog_version ?? null }))) return
  Object.assign(live, { ready_at: at, slots, setting_up: false, idleSince: Date.now(), saved: "idle" })
  const took = (microsOf(at) - microsOf(live.created_at)) / 1e6
  observeBoot(live.pool, took)
  await write(async (tx) => {
    await changePool(tx, live.pool, ({ boot_seconds }) => ({
      boot_seconds: [...boot_seconds, took].slice(-maxSamples),
      failures: 0,
      retry_at: null,
      paused_at: null,
      failure: null,
    }))
  })
}

/**
 * Ends an instance: meters its seconds up to `at`, fails its running predictions as interrupted, and delays the pool's
 * next attempt if set-up failed.
 */
export async function endInstance(
  runner: RunnerState,
  live: TrackedInstance,
  why: { reason: Reason; detail?: string; at?: string },
): Promise<void> {
  const reason = live.stopping ?? why.reason
  const at = why.at ?? now()
  const failedSetUp = live.ready_at === null && live.stopping === null && countsAsFailure(why.reason)
  const detail = why.detail ?? null
  const failing = [...live.running.values()].map(({ number }) => number)
  await write(async (tx) => {
    const stopped = await stopRow(
      tx,
      live.id,
      at,
      { state: failedSetUp ? "failed" : "stopped", reason, detail },
      failing,
    )
    if (stopped && failedSetUp)
      await changePool(tx, live.pool, ({ failures }) => ({
        failures: failures + 1,
        retry_at: fromNow(retryAfter(failures + 1)),
        paused_at: failures + 1 >= maxFailures ? now() : null,
        failure: detail ?? `The set-up failed: ${reason}.`,
      }))
  })
  if (failedSetUp) observeBoot(live.pool, null)
  runner.instances.delete(live.id)
  runner.needsDecision = true
  for (const id of live.running.keys()) await failInterrupted(id, live.id, interruption(why))
}

/** Fails a prediction whose instance has ended. */
export async function failInterrupted(id: string, instance: string, error: string): Promise<void> {
  const prediction = await findCurrentPrediction(id)
  if (prediction?.instance_id !== instance || (await isBeingStored(id, now()))) return
  await endPrediction(prediction, { status: "failed", error, output: prediction.output, logs: prediction.logs })
  for (const runner of hub().runners.values()) runner.dispatchedTo.delete(id)
}

const interruption = ({ reason, detail }: { reason: Reason; detail?: string }) =>
  reason === "oom"
    ? "Prediction interrupted: the model ran out of memory."
    : `Prediction interrupted: its instance ended. ${detail ?? ""}`.trim()

/** Whether a failed set-up counts against the version, rather than the machine or the operator. */
const countsAsFailure = (reason: Reason) => !["capacity", "stopped", "lost"].includes(reason)
