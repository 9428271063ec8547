import Big from "big.js"

import type { Actor } from "@/lib/auth/actor"
import { listHardware } from "@/lib/hardware/hardware"
import { listLiveOfPool } from "@/lib/instances/instance"
import { canEdit } from "@/lib/models/policy"
import { getModel } from "@/lib/models/model"
import { findOwnPool } from "@/lib/pools/pool"
import { waitingReason } from "@/lib/pools/waiting"
import { medianOf, quantileOf } from "@/lib/quantile"
import { countWaiting } from "./queue-store"

/** An estimate of the next run of a version. */
export type Estimate = {
  /**
   * `idle`: an instance is free. `busy`: all running ones are occupied. `booting`: the first one is booting. `cold`:
   * none is running. `paused`: set-up failed too often.
   */
  state: "idle" | "busy" | "booting" | "cold" | "paused"
  /** The number of queued predictions ahead of the next one. */
  queued: number
  /** Medians of recent set-ups and runs; null if there were none. */
  boot_seconds: number | null
  run_seconds: number | null
  /** The 95th percentile of run times. */
  run_seconds_p95: number | null
  /** The estimated wait until a run starts; null if unknown. */
  wait_seconds: number | null
  /** The estimated cost of a run in US dollars, as a decimal. */
  usd: string | null
  /** Why nothing runs now, as a sentence. */
  reason: string | null
  /** The log of the last failed set-up, for those who may edit the model. */
  setup_log: string | null
}

/** Estimates the next run of a version. Throws what `getModel` throws. */
export async function estimateRun(
  actor: Actor | null,
  owner: string,
  name: string,
  version: string,
): Promise<Estimate> {
  const model = await getModel(actor, owner, name)
  const pool = await findOwnPool(model.id, version)
  const hardware = (await listHardware()).find(({ sku }) => sku === model.hardware)
  if (!pool) return { ...nothingKnown, state: "cold" }
  const live = await listLiveOfPool(pool.key)
  const [queued, boot_seconds, run_seconds] = [
    await countWaiting(pool.key),
    medianOf(pool.boot_seconds),
    medianOf(pool.run_seconds),
  ]
  const ready = live.filter(({ state }) => state === "idle" || state === "busy")
  const state =
    pool.paused_at !== null
      ? "paused"
      : live.some((one) => one.state === "idle") && queued === 0
        ? "idle"
        : ready.length > 0
          ? "busy"
          : live.some((one) => one.state === "booting" || one.state === "setting_up")
            ? "booting"
            : "cold"
  return {
    state,
    queued,
    boot_seconds,
    run_seconds,
    run_seconds_p95: quantileOf(pool.run_seconds, 0.95),
    wait_seconds: waitOf(state, { queued, ready: ready.length, boot_seconds, run_seconds }),
    usd: run_seconds === null || !hardware ? null : Big(hardware.usd_per_second).times(run_seconds).round(9).toFixed(),
    reason:
      state === "paused"
        ? "Its set-up failed repeatedly. The owner of the model can retry it."
        : (waitingReason(pool.key) ?? null),
    setup_log: canEdit(actor, model) ? pool.failure : null,
  }
}

const nothingKnown: Estimate = {
  state: "cold",
  queued: 0,
  boot_seconds: null,
  run_seconds: null,
  run_seconds_p95: null,
  wait_seconds: null,
  usd: null,
  reason: null,
  setup_log: null,
}

function waitOf(
  state: Estimate["state"],
  known: Pick<Estimate, "queued" | "boot_seconds" | "run_seconds"> & { ready: number },
): number | null {
  const { queued, ready, boot_seconds, run_seconds } = known
  if (state === "idle") return 0
  if (state === "paused") return null
  if (state === "busy") return run_seconds === null ? null : ((queued + 1) * run_seconds) / Math.max(1, ready)
  return boot_seconds === null ? null : boot_seconds + queued * (run_seconds ?? 0)
}
