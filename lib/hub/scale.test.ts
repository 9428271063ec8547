import { describe, expect, test } from "vitest"

import { aPool, naive, simulate } from "@/lib/test/simulate-scaling"
import { desiredInstances, maxFailures, retryAfter, type PoolState } from "./scale"

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
    ["spare ones while there is work", { queued: 1, buffer: 2 }, { start: 3, stop: 0 }],
    ["and those only", { queued: 1, booting: 3, buffer: 2 }, { start: 0, stop: 0 }],
    [
      "spare ones also where those that are there are enough",
      { running: 1, ready: 1, buffer: 1, boot_seconds: [120], run_seconds: [1] },
      { start: 1, stop: 0 },
    ],
    ["no spare ones without work", { buffer: 2 }, { start: 0, stop: 0 }],
    ["spare ones within the most", { running: 2, ready: 2, buffer: 5, max: 3 }, { start: 1, stop: 0 }],
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
    expect(desiredInstances(aPool(fields))).toEqual(expected)
  })
})

test("with spare instances, predictions of a stream wait less", () => {
  const simulation = { boot: 60, run: 5, arrivals: poisson(randomOf(1), 0.8), until: hours, max: 20 }
  const without = simulate(desiredInstances, simulation)
  const with3 = simulate(desiredInstances, { ...simulation, buffer: 3 })
  expect(with3.p95).toBeLessThan(without.p95)
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

/**
 * `bars`: the limits compared with the naive rule: a factor for instance minutes, and additional seconds of median and
 * 95th percentile waiting time.
 */
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

describe.each(loads)("simulated: $name", (load) => {
  const simulation = { ...load, arrivals: load.arrivals(randomOf(1)), until: hours }
  const [ours, theirs] = [simulate(desiredInstances, simulation), simulate(naive, simulation)]

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
      aPool({ queued: 10, booting: bootedAt >= 0 ? 1 : 0, failures, retry_in: Math.max(0, retryAt - now), paused }),
    )
    if (start > 0 && bootedAt < 0) {
      boots += start
      bootedAt = now
    }
  }
  expect(boots).toBeLessThanOrEqual(8)
})
