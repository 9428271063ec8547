import { medianOf } from "@/lib/quantile"

/** The state of a pool that the autoscaling rule needs. Times are in seconds. */
export type PoolState = {
  queued: number
  running: number
  /** Ready instances, and those still booting. */
  ready: number
  booting: number
  /** Idle seconds of each idle instance. */
  idle: number[]
  /** How long the current runs of each ready instance have been running. */
  running_seconds: number[][]
  /** Concurrent predictions per instance. */
  slots: number
  /** Durations of recent boots and runs. */
  boot_seconds: number[]
  run_seconds: number[]
  /** Consecutive failed set-ups, and seconds left of the back-off. */
  failures: number
  retry_in: number
  paused: boolean
  min: number
  max: number
  /** Spare instances while there is work. */
  buffer: number
  /** Idle time-out in seconds, where configured. */
  idle_seconds: number | null
  /** Idle instances stopped within the last minute. */
  stopped_lately: number
}

/** How many instances to start and how many idle ones to stop, longest idle first. */
export type Decision = { start: number; stop: number }

/** Consecutive failed set-ups after which the version is paused until its owner retries it. */
export const maxFailures = 5
/** Back-off in seconds after this many failures. */
export const retryAfter = (failures: number): number => Math.min(10 * 2 ** (failures - 1), 600)
/** The number of recent boots and runs that durations are kept of. */
export const maxSamples = 20

const usualBoot = 10
const usualRun = 10

/**
 * The autoscaling rule: enough instances for all queued and running predictions, or only the existing ones if those
 * will clear the queue within half a boot time, plus the configured spare ones. At most twice as many as are ready, or
 * four if that is more; one at a time after a failed set-up. Idle instances stay for twice the boot time, at least a
 * minute and at most 15, or for `idle_seconds`; at most half of the ready ones stop per minute.
 */
export function desiredInstances(pool: PoolState): Decision {
  const { queued, running, ready, booting, slots, failures } = pool
  const boot = medianOf(pool.boot_seconds) ?? usualBoot
  const run = medianOf(pool.run_seconds) ?? usualRun
  const there = ready + booting

  let need = Math.ceil((queued + running) / slots)
  // Existing instances clear the queue long before a new one would be ready.
  if (ready > 0 && untilFree(pool, run) + (queued * run) / (ready * slots) < boot / 2) need = Math.min(need, there)
  if (queued + running > 0) need += pool.buffer
  need = Math.min(need, Math.max(4, 2 * ready))
  need = Math.min(Math.max(need, pool.min), pool.max)

  if (need > there) return { start: startable(pool, need - there), stop: 0 }
  return { start: 0, stop: stoppable(pool, there - need, boot) }

  function startable({ paused, retry_in }: PoolState, wanted: number) {
    if (paused || retry_in > 0) return 0
    // Start only one: it may fail like the last.
    return failures > 0 ? (booting > 0 ? 0 : 1) : wanted
  }
}

/**
 * Seconds until an instance has a free slot. A run that already exceeds the typical time is expected to take as long
 * again.
 */
function untilFree({ running_seconds, slots }: PoolState, run: number): number {
  const waits = running_seconds.map((seconds) =>
    seconds.length < slots ? 0 : Math.min(...seconds.map((ran) => (ran < run ? run - ran : ran))),
  )
  return waits.length === 0 ? 0 : Math.min(...waits)
}

function stoppable(
  { idle, idle_seconds, stopped_lately, ready, min }: PoolState,
  surplus: number,
  boot: number,
): number {
  const limit = idle_seconds ?? Math.min(Math.max(2 * boot, 60), 15 * 60)
  const longIdle = idle.filter((seconds) => seconds >= limit).length
  const gentle = Math.max(1, Math.ceil((ready + stopped_lately) / 2)) - stopped_lately
  return Math.max(0, Math.min(surplus, longIdle, gentle, ready - min))
}
