/** What a pool looks like at this moment. Times are in seconds. */
export type PoolState = {
  queued: number
  running: number
  /** Instances that take predictions, and those that will. */
  ready: number
  booting: number
  /** How long each idle instance has been idle. */
  idle: number[]
  /** How long what runs has been running, for each instance that is ready. */
  running_seconds: number[][]
  /** Predictions an instance takes at once. */
  slots: number
  /** What the last boots and runs took. */
  boot_seconds: number[]
  run_seconds: number[]
  /** Set-ups that failed one after the other, and how long the next one still has to wait. */
  failures: number
  retry_in: number
  paused: boolean
  min: number
  max: number
  /** Seconds after which an idle instance is stopped, where somebody said so. */
  idle_seconds: number | null
  /** Instances that were stopped for being idle within the last minute. */
  stopped_lately: number
}

/** How many instances to start, and how many idle ones to stop, the longest idle first. */
export type Decision = { start: number; stop: number }

/** Set-ups that may fail one after the other before nothing is tried any more until somebody asks for it. */
export const mostFailures = 5
/** Seconds until the next try, after so many that failed. */
export const retryAfter = (failures: number): number => Math.min(10 * 2 ** (failures - 1), 600)
/** Boots and runs that are remembered. */
export const remembered = 20

const usualBoot = 10
const usualRun = 10

/**
 * The algorithm of run-time scaling: as many instances as there is work for, but none that would be ready only after the work is done, no more than
 * twice as many as there are, and one at a time after a set-up that failed. Idle ones stay as long as a new one would take twice to boot.
 */
export function desiredInstances(pool: PoolState): Decision {
  const { queued, running, ready, booting, slots, failures } = pool
  const boot = median(pool.boot_seconds) ?? usualBoot
  const run = median(pool.run_seconds) ?? usualRun
  const there = ready + booting

  let need = Math.ceil((queued + running) / slots)
  // What is there will have done it before another one is ready.
  if (ready > 0 && untilFree(pool, run) + (queued * run) / (ready * slots) < boot / 2) need = Math.min(need, there)
  need = Math.min(need, Math.max(4, 2 * ready))
  need = Math.min(Math.max(need, pool.min), pool.max)

  if (need > there) return { start: startable(pool, need - there), stop: 0 }
  return { start: 0, stop: stoppable(pool, there - need, boot) }

  function startable({ paused, retry_in }: PoolState, wanted: number) {
    if (paused || retry_in > 0) return 0
    // A probe: the next one may fail as the last did.
    return failures > 0 ? (booting > 0 ? 0 : 1) : wanted
  }
}

/** Seconds until an instance has room. A run that takes longer than most is expected to take as long again. */
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

export function median(values: number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
