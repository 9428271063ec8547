import { expect, test } from "vitest"

import { percentiles, summarize } from "./metrics"

const from = Date.parse("2026-11-28T10:00:00Z")
const at = (seconds: number) => new Date(from + seconds * 1000).toISOString()
const run = (created: number, claimed: number | null, ended: number | null, status = "succeeded") => ({
  status: status as "succeeded",
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
  state: "idle" as const,
})

test("waiting is told apart from booting and running", () => {
  const { latency, queue, boot, run: ran } = summarize("2h", from, { runs: [run(4, 12, 15)], lives: [], amounts: [] })
  expect(latency!.p50).toBeCloseTo(11)
  expect(boot!.p50).toBeCloseTo(6)
  expect(queue!.p50).toBeCloseTo(2)
  expect(ran!.p50).toBeCloseTo(3)
})

test("each step has its requests, failures, instances and cost", () => {
  const metrics = summarize("2h", from, {
    runs: [run(1, 1, 2), run(301, 301, 302, "failed"), run(7000, null, null, "starting")],
    lives: [life(-50, 100), life(50, 400), life(60, 90), life(200, null)],
    amounts: [
      { started_at: at(5), usd: "0.1" },
      { started_at: at(6), usd: "0.2" },
    ],
  })
  expect(metrics.steps).toHaveLength(24)
  expect(metrics.steps[0]).toMatchObject({ requests: 1, failed: 0, instances: 3, cold_starts: 3, usd: "0.3" })
  expect(metrics.steps[0]!.run).toEqual({ p50: 1, p95: 1, p99: 1 })
  expect(metrics.steps[1]).toMatchObject({ requests: 1, failed: 1, instances: 2, cold_starts: 0, usd: "0" })
  expect(metrics.steps[23]).toMatchObject({ requests: 1, latency: null, instances: 1 })
  expect(metrics).toMatchObject({ requests: 3, failed: 1, cold_starts: 3, usd: "0.3", truncated: false })
})

test("percentiles are values that were measured", () => {
  expect(percentiles([])).toBeNull()
  expect(percentiles([3])).toEqual({ p50: 3, p95: 3, p99: 3 })
  expect(percentiles(Array.from({ length: 100 }, (_, n) => 100 - n))).toEqual({ p50: 50, p95: 95, p99: 99 })
})

test("the depth of the queue is the most that waited at once, also where it waited for long", () => {
  const { steps, queue_depth } = summarize("2h", from, {
    runs: [run(10, 20, 30), run(15, 350, 360), run(20, null, 40, "canceled"), run(7100, null, null, "starting")],
    lives: [],
    amounts: [],
  })
  expect(steps.slice(0, 3).map((step) => step.queue_depth)).toEqual([2, 1, 0])
  expect(steps.at(-1)!.queue_depth).toBe(1)
  expect(queue_depth).toBe(2)
})

test("what began before the range counts from its begin", () => {
  const { steps } = summarize("2h", from, { runs: [], lives: [life(-500, -400), life(-300, 10)], amounts: [] })
  expect(steps.slice(0, 2).map(({ instances }) => instances)).toEqual([1, 0])
})
