import type { Decision, PoolState } from "@/lib/hub/scale"

/** An autoscaling rule, such as `desiredInstances`. */
export type Rule = (pool: PoolState) => Decision

/** The load to simulate. All times are in seconds. */
export type Simulation = {
  boot: number
  run: number
  /** The arrival time of each prediction, in order. */
  arrivals: number[]
  until: number
  max?: number
  /** The resolution; the rule decides once a second. */
  step?: number
  idle_seconds?: number | null
  buffer?: number
}

/** The state of a pool without any history. */
export const aPool = (fields: Partial<PoolState> = {}): PoolState => ({
  queued: 0,
  running: 0,
  ready: 0,
  booting: 0,
  idle: [],
  running_seconds: [],
  slots: 1,
  boot_seconds: [],
  run_seconds: [],
  failures: 0,
  retry_in: 0,
  paused: false,
  min: 0,
  max: 10,
  buffer: 0,
  idle_seconds: null,
  stopped_lately: 0,
  ...fields,
})

/** The naive rule: one instance per queued prediction, stopped after an idle minute. */
export const naive: Rule = ({ queued, running, ready, booting, idle, max }) => {
  const need = Math.min(max, queued + running)
  return {
    start: Math.max(0, need - ready - booting),
    stop: Math.min(Math.max(0, ready + booting - need), idle.filter((seconds) => seconds >= 60).length),
  }
}

/** Simulates a pool under a rule: instances that boot, run one prediction at a time, and stop. Deterministic. */
export function simulate(
  rule: Rule,
  { boot, run, arrivals, until, max = 10, step = 1, idle_seconds = null, buffer = 0 }: Simulation,
) {
  const queue: number[] = []
  let coming = 0
  let instances: { readyAt: number; busyUntil: number; idleSince: number }[] = []
  const [boots, runs, stops, waits]: [number[], number[], number[], number[]] = [[], [], [], []]
  let [started, seconds, most] = [0, 0, 0]
  for (let tick = 0; tick * step < until; tick++) {
    const now = tick * step
    while (coming < arrivals.length && arrivals[coming]! <= now) queue.push(arrivals[coming++]!)
    for (const one of instances)
      if (one.readyAt <= now && one.busyUntil <= now && queue.length > 0) {
        waits.push(now - queue.shift()!)
        one.busyUntil = one.idleSince = now + run
        runs.push(run)
      }
    if (tick % Math.round(1 / step) === 0) decide(now)
    seconds += instances.length * step
    most = Math.max(most, instances.length)
  }
  waits.sort((a, b) => a - b)
  const at = (share: number) => waits[Math.floor(waits.length * share)] ?? 0
  return {
    boots: started,
    minutes: Math.round(seconds / 60),
    p50: at(0.5),
    p95: at(0.95),
    left: queue.length,
    most,
    seconds,
  }

  function decide(now: number) {
    const ready = instances.filter(({ readyAt }) => readyAt <= now)
    const idle = ready.filter(({ busyUntil }) => busyUntil <= now)
    const decision = rule(
      aPool({
        queued: queue.length,
        running: ready.length - idle.length,
        ready: ready.length,
        booting: instances.length - ready.length,
        idle: idle.map(({ idleSince }) => now - idleSince),
        running_seconds: ready.map(({ busyUntil }) => (busyUntil > now ? [now - (busyUntil - run)] : [])),
        boot_seconds: boots.slice(-20),
        run_seconds: runs.slice(-20),
        stopped_lately: stops.filter((at) => at > now - 60).length,
        max,
        idle_seconds,
        buffer,
      }),
    )
    for (let n = 0; n < decision.start; n++) {
      started++
      boots.push(boot)
      instances.push({ readyAt: now + boot, busyUntil: now + boot, idleSince: now + boot })
    }
    const going = idle.sort((a, b) => a.idleSince - b.idleSince).slice(0, decision.stop)
    stops.push(...going.map(() => now))
    instances = instances.filter((one) => !going.includes(one))
  }
}
