import { expect, test } from "vitest"

import { percentiles, summarize } from "./metrics"
import { metricsCsv } from "./metrics-csv"

const from = Date.parse("2026-11-28T10:00:00Z")
const at = (seconds: number) => new Date(from + seconds * 1000).toISOString()
const run = (created: number, claimed: number | null, ended: number | null) => ({
  created_at: at(created),
  claimed_at: claimed === null ? null : at(claimed),
  started_at: claimed === null ? null : at(claimed),
  completed_at: ended === null ? null : at(ended),
  booted_from: at(0),
  booted_until: at(10),
})
const life = (created: number, stopped: number | null) => ({
  created_at: at(created),
  ready_at: at(created + 10),
  stopped_at: stopped === null ? null : at(stopped),
})

const nothing = { counts: [], starts: [], runs: [], lives: [], amounts: [] }

test("waiting is told apart from booting and running", () => {
  const { latency, queue, boot, run: ran } = summarize("2h", from, { ...nothing, runs: [run(4, 12, 15)] })
  expect(latency!.p50).toBeCloseTo(11)
  expect(boot!.p50).toBeCloseTo(6)
  expect(queue!.p50).toBeCloseTo(2)
  expect(ran!.p50).toBeCloseTo(3)
})

test("each step has its requests, failures, instances and cost", () => {
  const metrics = summarize("2h", from, {
    counts: Array.from({ length: 24 }, (_, n) => ({ requests: n === 1 ? 500 : 1, failed: n === 1 ? 2 : 0 })),
    starts: [
      { step: 0, count: 3 },
      { step: 2, count: 1 },
    ],
    runs: [run(1, 1, 2), run(301, 301, 302), run(7000, null, null)],
    lives: [life(-50, 100), life(50, 400), life(60, 90), life(200, null)],
    amounts: [
      { step: 0, phase: "setup", microseconds: 30e6, usd_per_second: "0.001" },
      { step: 0, phase: "active", microseconds: 450e6, usd_per_second: "0.0006" },
    ],
  })
  expect(metrics.steps).toHaveLength(24)
  expect(metrics.steps[0]).toMatchObject({ requests: 1, failed: 0, instances: 3, cold_starts: 3, usd: "0.3" })
  // On average, one and a half instances were busy during the five minutes.
  expect(metrics.steps[0]!.states).toEqual({ busy: 1.5, idle: 0, setting_up: 0.1 })
  expect(metrics.steps[0]!.run).toEqual({ p50: 1, p95: 1, p99: 1 })
  expect(metrics.steps[1]).toMatchObject({ requests: 500, failed: 2, instances: 2, cold_starts: 0, usd: "0" })
  expect(metrics.steps[23]).toMatchObject({ requests: 1, latency: null, instances: 1 })
  expect(metrics).toMatchObject({ requests: 523, failed: 2, cold_starts: 4, usd: "0.3", complete_since: null })
})

test("percentiles are values that were measured", () => {
  expect(percentiles([])).toBeNull()
  expect(percentiles([3])).toEqual({ p50: 3, p95: 3, p99: 3 })
  expect(percentiles(Array.from({ length: 100 }, (_, n) => 100 - n))).toEqual({ p50: 50, p95: 95, p99: 99 })
})

test("the depth of the queue is the most that waited at once, also where it waited for long", () => {
  const { steps, queue_depth } = summarize("2h", from, {
    ...nothing,
    runs: [run(10, 20, 30), run(15, 350, 360), run(20, null, 40), run(7100, null, null)],
  })
  expect(steps.slice(0, 3).map((step) => step.queue_depth)).toEqual([2, 1, 0])
  expect(steps.at(-1)!.queue_depth).toBe(1)
  expect(queue_depth).toBe(2)
})

test("what began before the range counts from its begin", () => {
  const { steps } = summarize("2h", from, { ...nothing, lives: [life(-500, -400), life(-300, 10)] })
  expect(steps.slice(0, 2).map(({ instances }) => instances)).toEqual([1, 0])
})

test("as CSV, each step is a line, and what was not measured is empty", () => {
  const { steps } = summarize("2h", from, {
    counts: [{ requests: 1, failed: 0 }],
    starts: [{ step: 0, count: 1 }],
    runs: [run(12, 14, 20)],
    lives: [life(0, null)],
    amounts: [{ step: 0, phase: "active", microseconds: 100e6, usd_per_second: "0.0025" }],
  })
  const [head, first, second, ...rest] = metricsCsv(steps).split("\r\n")
  expect(head).toBe(
    "from,predictions,failed,latency_p50,latency_p95,latency_p99,queue_p50,queue_p95,queue_p99,boot_p50,boot_p95,boot_p99,run_p50,run_p95,run_p99,queue_depth,instances,busy,idle,setting_up,cold_starts,usd",
  )
  expect(first).toBe("2026-11-28T10:00:00.000Z,1,0,8,8,8,2,2,2,0,0,0,6,6,6,1,1,0.333,0,0,1,0.25")
  expect(second).toBe("2026-11-28T10:05:00.000Z,0,0,,,,,,,,,,,,,0,1,0,0,0,0,0")
  expect(rest).toHaveLength(23)
})
