import type { Percentiles, Step } from "./metrics"

const parts = ["latency", "queue", "boot", "run"] as const
const percents = ["p50", "p95", "p99"] as const

const columns: [name: string, of: (step: Step) => string | number][] = [
  ["from", ({ at }) => at],
  ["predictions", ({ requests }) => requests],
  ["failed", ({ failed }) => failed],
  ...parts.flatMap((part) =>
    percents.map((percent): [string, (step: Step) => string | number] => [
      `${part}_${percent}`,
      (step) => (step[part] satisfies Percentiles)?.[percent] ?? "",
    ]),
  ),
  ["queue_depth", ({ queue_depth }) => queue_depth],
  ["instances", ({ instances }) => instances],
  ["busy", ({ states }) => rounded(states.busy)],
  ["idle", ({ states }) => rounded(states.idle)],
  ["setting_up", ({ states }) => rounded(states.setting_up)],
  ["cold_starts", ({ cold_starts }) => cold_starts],
  ["usd", ({ usd }) => usd],
]

/** Metrics as CSV, one line per step, with times in seconds. */
export const metricsCsv = (steps: Step[]): string =>
  [
    columns.map(([name]) => name).join(","),
    ...steps.map((step) => columns.map(([, of]) => of(step)).join(",")),
    "",
  ].join("\r\n")

const rounded = (value: number) => Math.round(value * 1000) / 1000
