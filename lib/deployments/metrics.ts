import { isoFromMicros, now } from "@/lib/clock"
import { unmeteredRows } from "@/lib/instances/instance"
import { quantileOf } from "@/lib/quantile"
import { priceOf, sumOf, type UsageRow } from "@/lib/usage/ledger"
import {
  countRequests,
  countStarts,
  listAmounts,
  listInstanceTimes,
  listRuns,
  maxInstances,
  maxRuns,
} from "./metrics-store"
import { poolsOfDeployment, type Deployment } from "./row"
import { ranges, type Range } from "./schema"

export { ranges, type Range }

export type Percentiles = { p50: number; p95: number; p99: number } | null

type Run = Awaited<ReturnType<typeof listRuns>>[number]
type Life = Awaited<ReturnType<typeof listInstanceTimes>>[number]
type Amount = Awaited<ReturnType<typeof listAmounts>>[number]
type Counts = Awaited<ReturnType<typeof countRequests>>[number]
type Starts = Awaited<ReturnType<typeof countStarts>>[number]

/** A step of a range. Times are in seconds. */
export type Step = {
  /** Its start, as an ISO timestamp. */
  at: string
  requests: number
  failed: number
  latency: Percentiles
  queue: Percentiles
  boot: Percentiles
  run: Percentiles
  /** The maximum numbers of queued predictions and of live instances. */
  queue_depth: number
  instances: number
  /** The average number of instances in each state. */
  states: Record<InstanceState, number>
  cold_starts: number
  usd: string
}

/** What an instance does: its phases in the ledger. */
export const instanceStates = ["busy", "idle", "setting_up"] as const
export type InstanceState = (typeof instanceStates)[number]
const stateOf = { active: "busy", idle: "idle", setup: "setting_up" } as const

export type Metrics = {
  range: Range
  steps: Step[]
  requests: number
  failed: number
  cold_starts: number
  queue_depth: number
  usd: string
  /** From the request to the end, and its parts: queued, waiting for a boot, and running. */
  latency: Percentiles
  queue: Percentiles
  boot: Percentiles
  run: Percentiles
  /**
   * If there were more predictions or instances than are read, the time since which percentiles, the queue and the
   * number of instances at once include all of them. Everything else is always complete.
   */
  complete_since: string | null
}

/**
 * The metrics of a deployment. Steps begin at multiples of their length (UTC), where ledger rows end, so the last step
 * is not over yet. The caller has checked that the actor may see the deployment.
 */
export async function metricsOf(
  { id, owner_id }: Pick<Deployment, "id" | "owner_id">,
  range: Range,
  limits = { runs: maxRuns, lives: maxInstances },
): Promise<Metrics> {
  const { step, steps } = ranges[range]
  const at = now()
  const from = startOf(range, Date.parse(at))
  const times = Array.from({ length: steps + 1 }, (_, n) => isoFromMicros((from + n * step * 1000) * 1000))
  const since = times[0]!
  const [counts, starts, runs, lives, metered] = await Promise.all([
    countRequests(id, times),
    countStarts(id, since, step),
    listRuns(id, since, limits.runs),
    listInstanceTimes(id, since, limits.lives),
    listAmounts(owner_id, id, since, step),
  ])
  // After the ledger, so that time that is metered meanwhile is not counted twice.
  const unmetered = await unmeteredRows(poolsOfDeployment(id), at)
  const amounts = [...metered, ...unmetered.map(amountOf(from, step)).filter((one) => one.step >= 0)]
  return summarize(range, from, { counts, starts, runs, lives, amounts }, limits, Date.parse(at))
}

/** The start of a range that ends with the step of this moment, in milliseconds. */
function startOf(range: Range, at: number): number {
  const { step, steps } = ranges[range]
  return (Math.floor(at / 1000 / step) - steps + 1) * step * 1000
}

const amountOf =
  (from: number, step: number) =>
  ({ started_at, phase, usd_per_second, microseconds }: UsageRow): Amount => ({
    step: Math.floor((Date.parse(started_at) - from) / 1000 / step),
    phase,
    usd_per_second,
    microseconds,
  })

/** What metrics are computed from: counts of each step, and rows. */
type Measured = { counts: Counts[]; starts: Starts[]; runs: Run[]; lives: Life[]; amounts: Amount[] }

/** Computes metrics from the start of the range until a moment, both in milliseconds. */
export function summarize(
  range: Range,
  from: number,
  { counts, starts, runs, lives, amounts }: Measured,
  limits = { runs: maxRuns, lives: maxInstances },
  until = Infinity,
): Metrics {
  const { step, steps } = ranges[range]
  const indexOf = (moment: string) =>
    Math.min(steps - 1, Math.max(0, Math.floor((Date.parse(moment) - from) / (step * 1000))))
  const parts = runs.map((run) => ({ ...partsOf(run), at: indexOf(run.created_at) }))
  const runsIn = group(steps, parts, ({ at }) => at)
  const amountsIn = group(steps, amounts, (one) => Math.min(steps - 1, one.step))
  const waits = runs.map(({ created_at, claimed_at, completed_at }): Span => [created_at, claimed_at ?? completed_at])
  const alive = lives.map(({ created_at, stopped_at }): Span => [created_at, stopped_at])
  const depths = maxAtOnce(waits, from, step * 1000, steps)
  const sizes = maxAtOnce(alive, from, step * 1000, steps)
  const startsIn = group(steps, starts, (one) => Math.min(steps - 1, one.step))
  return {
    range,
    steps: Array.from({ length: steps }, (_, n) => {
      const begin = from + n * step * 1000
      return {
        at: new Date(begin).toISOString(),
        ...(counts[n] ?? { requests: 0, failed: 0 }),
        ...percentilesOf(runsIn[n]!),
        queue_depth: depths[n]!,
        instances: sizes[n]!,
        states: averageStates(amountsIn[n]!, Math.min(step, Math.max(1, (until - begin) / 1000))),
        cold_starts: total(startsIn[n]!, ({ count }) => count),
        usd: sumOf(amountsIn[n]!.map(costOf)),
      }
    }),
    requests: total(counts, ({ requests }) => requests),
    failed: total(counts, ({ failed }) => failed),
    cold_starts: total(starts, ({ count }) => count),
    queue_depth: Math.max(...depths),
    usd: sumOf(amounts.map(costOf)),
    ...percentilesOf(parts),
    complete_since: latest([
      runs.length < limits.runs ? null : runs.at(-1)!.created_at,
      // Sorted by their end: omitted instances stopped no later than the last one.
      lives.length < limits.lives ? null : (lives.at(-1)!.stopped_at ?? new Date().toISOString()),
    ]),
  }
}

const total = <T>(rows: T[], of: (row: T) => number): number => rows.reduce((sum, row) => sum + of(row), 0)

const costOf = ({ microseconds, usd_per_second }: Amount) => priceOf(microseconds, usd_per_second)

const latest = (moments: (string | null)[]): string | null =>
  moments.reduce((last, one) => (one !== null && (last === null || one > last) ? one : last), null)

/** The average number of instances in each state over so many seconds. */
function averageStates(amounts: Amount[], seconds: number): Step["states"] {
  const states = { busy: 0, idle: 0, setting_up: 0 }
  for (const { phase, microseconds } of amounts) states[stateOf[phase]] += microseconds / 1e6 / seconds
  return states
}

/** The durations of a run. Time in the queue while its instance boots counts as boot. */
function partsOf({ created_at, claimed_at, started_at, completed_at, booted_from, booted_until }: Run) {
  const [created, claimed, begun, ended] = [created_at, claimed_at, started_at ?? claimed_at, completed_at].map((one) =>
    one === null ? null : Date.parse(one) / 1000,
  )
  const boot =
    claimed === null || booted_from === null || booted_until === null
      ? null
      : Math.max(
          0,
          Math.min(claimed!, Date.parse(booted_until) / 1000) - Math.max(created!, Date.parse(booted_from) / 1000),
        )
  return {
    latency: ended === null ? null : ended! - created!,
    queue: claimed === null ? null : Math.max(0, claimed! - created! - (boot ?? 0)),
    boot,
    run: ended === null || begun === null ? null : Math.max(0, ended! - begun!),
  }
}

const percentilesOf = (parts: ReturnType<typeof partsOf>[]) => ({
  latency: percentiles(parts.flatMap(({ latency }) => latency ?? [])),
  queue: percentiles(parts.flatMap(({ queue }) => queue ?? [])),
  boot: percentiles(parts.flatMap(({ boot }) => boot ?? [])),
  run: percentiles(parts.flatMap(({ run }) => run ?? [])),
})

export function percentiles(values: number[]): Percentiles {
  if (values.length === 0) return null
  const at = (share: number) => quantileOf(values, share)!
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function group<T>(count: number, rows: T[], indexOf: (row: T) => number): T[][] {
  const groups: T[][] = Array.from({ length: count }, () => [])
  for (const row of rows) groups[indexOf(row)]!.push(row)
  return groups
}

/** `until` is null for a span that has not ended. */
type Span = [from: string, until: string | null]

/** The maximum number of overlapping spans in each step of a range. Times are in milliseconds. */
function maxAtOnce(spans: Span[], from: number, step: number, steps: number): number[] {
  const changes = spans.flatMap(([begin, end]) => [
    [Date.parse(begin), 1] as const,
    ...(end === null ? [] : [[Date.parse(end), -1] as const]),
  ])
  // At the same moment, ends come before begins.
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let at = 0
  let now = 0
  return Array.from({ length: steps }, (_, n) => {
    const until = from + (n + 1) * step
    // The first step begins with the spans that are open at the start of the range.
    for (; n === 0 && at < changes.length && changes[at]![0] < from; at++) now += changes[at]![1]
    let max = now
    for (; at < changes.length && changes[at]![0] < until; at++) max = Math.max(max, (now += changes[at]![1]))
    return max
  })
}
