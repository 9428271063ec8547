import { describe, expect, test } from "vitest"

import { desiredInstances, maxFailures, retryAfter, type PoolState } from "./scale"

const pool = (fields: Partial<PoolState> = {}): PoolState => ({
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
  idle_seconds: null,
  stopped_lately: 0,
  ...fields,
})

describe("rules", () => {
  test.each<[string, Partial<PoolState>, { start: number; stop: number }]>([
    ["nothing waits, nothing starts", {}, { start: 0, stop: 0 }],
    ["the first one starts one", { queued: 1 }, { start: 1, stop: 0 }],
    ["one that boots already is enough for one", { queued: 1, booting: 1 }, { start: 0, stop: 0 }],
    ["no more than four at first", { queued: 1000 }, { start: 4, stop: 0 }],
    ["then twice as many as there are", { queued: 1000, ready: 4, running: 4 }, { start: 4, stop: 0 }],
    ["never more than the most", { queued: 1000, ready: 8, running: 8, max: 10 }, { start: 2, stop: 0 }],
    ["slots count", { queued: 7, slots: 4 }, { start: 2, stop: 0 }],
    [
      "none for what is done before it would be ready",
      { queued: 5, running: 1, ready: 1, boot_seconds: [120], run_seconds: [1] },
      { start: 0, stop: 0 },
    ],
    [
      "but another one where what runs takes longer than usual",
      { queued: 1, running: 1, ready: 1, running_seconds: [[20]], boot_seconds: [10], run_seconds: [1] },
      { start: 1, stop: 0 },
    ],
    ["the least is always there", { min: 2 }, { start: 2, stop: 0 }],
    ["after a failure nothing for a while", { queued: 5, failures: 1, retry_in: 3 }, { start: 0, stop: 0 }],
    ["and then a probe", { queued: 5, failures: 2, retry_in: 0 }, { start: 1, stop: 0 }],
    ["one probe at a time", { queued: 5, failures: 2, booting: 1 }, { start: 0, stop: 0 }],
    ["nothing while it is paused", { queued: 5, failures: 5, paused: true }, { start: 0, stop: 0 }],
    ["an idle one stays a minute", { ready: 1, idle: [59] }, { start: 0, stop: 0 }],
    ["and goes then", { ready: 1, idle: [61] }, { start: 0, stop: 1 }],
    ["longer where booting takes long", { ready: 1, idle: [100], boot_seconds: [60] }, { start: 0, stop: 0 }],
    ["but no longer than a quarter of an hour", { ready: 1, idle: [901], boot_seconds: [3600] }, { start: 0, stop: 1 }],
    ["as long as somebody said", { ready: 1, idle: [6], idle_seconds: 5 }, { start: 0, stop: 1 }],
    ["half of them in a minute", { ready: 8, idle: Array(8).fill(100) }, { start: 0, stop: 4 }],
    ["the other half in the next", { ready: 4, idle: Array(4).fill(100), stopped_lately: 4 }, { start: 0, stop: 0 }],
    ["never below the least", { ready: 2, idle: [100, 100], min: 2 }, { start: 0, stop: 0 }],
  ])("%s", (_, fields, expected) => {
    expect(desiredInstances(pool(fields))).toEqual(expected)
  })
})

test("a failed set-up is tried again ever later, and at last no more", () => {
  expect([1, 2, 3, 4, 8].map(retryAfter)).toEqual([10, 20, 40, 80, 600])
  expect(maxFailures).toBe(5)
})

/** A deterministic pseudo-random generator. */
function randomOf(seed: number) {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** `bars`: the allowed excess over the naive rule, in instance minutes and in seconds of median and 95th percentile waiting time. */
type Load = {
  name: string
  boot: number
  run: number
  arrivals: (random: () => number) => number[]
  bars: { minutes: number; p50: number; p95: number }
}
const hours = 4 * 3600
const loads: Load[] = [
  {
    name: "one every few minutes, boots of two minutes",
    boot: 120,
    run: 5,
    arrivals: (random) => poisson(random, 1 / 200),
    bars: { minutes: 1.5, p50: -100, p95: 1 },
  },
  {
    name: "twenty every ten minutes",
    boot: 60,
    run: 10,
    arrivals: () => Array.from({ length: hours / 600 }, (_, n) => Array(20).fill(n * 600) as number[]).flat(),
    bars: { minutes: 1.5, p50: 15, p95: 35 },
  },
  {
    name: "a steady stream",
    boot: 60,
    run: 5,
    arrivals: (random) => poisson(random, 0.8),
    bars: { minutes: 0.8, p50: 0.1, p95: 3 },
  },
]

function poisson(random: () => number, rate: number): number[] {
  const times: number[] = []
  for (let at = 0; (at += -Math.log(1 - random()) / rate) < hours;) times.push(at)
  return times
}

type Rule = (pool: PoolState) => { start: number; stop: number }
/** The naive rule: one instance per queued prediction, stopped after an idle minute. */
const naive: Rule = ({ queued, running, ready, booting, idle, max }) => {
  const need = Math.min(max, queued + running)
  return {
    start: Math.max(0, need - ready - booting),
    stop: Math.min(Math.max(0, ready + booting - need), idle.filter((seconds) => seconds >= 60).length),
  }
}

function simulate(rule: Rule, { boot, run, arrivals }: Load, seed = 1) {
  const random = randomOf(seed)
  const coming = arrivals(random)
  const queue: number[] = []
  let instances: { readyAt: number; busyUntil: number; idleSince: number }[] = []
  const [boots, runs, stops, waits]: [number[], number[], number[], number[]] = [[], [], [], []]
  let [started, seconds] = [0, 0]
  for (let now = 0; now < hours; now++) {
    while (coming.length > 0 && coming[0]! <= now) queue.push(coming.shift()!)
    for (const one of instances)
      if (one.readyAt <= now && one.busyUntil <= now && queue.length > 0) {
        waits.push(now - queue.shift()!)
        one.busyUntil = one.idleSince = now + run
        runs.push(run)
      }
    const ready = instances.filter(({ readyAt }) => readyAt <= now)
    const idle = ready.filter(({ busyUntil }) => busyUntil <= now)
    const decision = rule(
      pool({
        queued: queue.length,
        running: ready.length - idle.length,
        ready: ready.length,
        booting: instances.length - ready.length,
        idle: idle.map(({ idleSince }) => now - idleSince),
        running_seconds: ready.map(({ busyUntil }) => (busyUntil > now ? [now - (busyUntil - run)] : [])),
        boot_seconds: boots.slice(-20),
        run_seconds: runs.slice(-20),
        stopped_lately: stops.filter((at) => at > now - 60).length,
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
    seconds += instances.length
  }
  waits.sort((a, b) => a - b)
  const at = (share: number) => waits[Math.floor(waits.length * share)] ?? 0
  return { boots: started, minutes: Math.round(seconds / 60), p50: at(0.5), p95: at(0.95), left: queue.length }
}

describe.each(loads)("simulated: $name", (load) => {
  const [ours, theirs] = [simulate(desiredInstances, load), simulate(naive, load)]

  test("it boots less often than the naive rule, for what it may cost", () => {
    expect(ours.boots).toBeLessThanOrEqual(theirs.boots * 0.8)
    expect(ours.minutes).toBeLessThanOrEqual(theirs.minutes * load.bars.minutes)
    expect(ours.left).toBeLessThan(20)
  })

  test("nobody waits much longer", () => {
    expect(ours.p50).toBeLessThanOrEqual(theirs.p50 + load.bars.p50)
    expect(ours.p95).toBeLessThanOrEqual(theirs.p95 + load.bars.p95)
  })
})

test("half an hour of set-ups that fail is a handful of boots", () => {
  let [boots, failures, retryAt, paused, bootedAt] = [0, 0, 0, false, -1]
  for (let now = 0; now < 1800; now++) {
    if (bootedAt >= 0 && now - bootedAt >= 20) {
      bootedAt = -1
      failures++
      retryAt = now + retryAfter(failures)
      paused = failures >= maxFailures
    }
    const { start } = desiredInstances(
      pool({ queued: 10, booting: bootedAt >= 0 ? 1 : 0, failures, retry_in: Math.max(0, retryAt - now), paused }),
    )
    if (start > 0 && bootedAt < 0) {
      boots += start
      bootedAt = now
    }
  }
  expect(boots).toBeLessThanOrEqual(8)
})
