import Link from "next/link"
import type { ReactNode } from "react"

import { Disclosure } from "@/components/ui/disclosure"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { inCents } from "@/lib/deployments/estimate"
import {
  instanceStates,
  ranges,
  type InstanceState,
  type Metrics,
  type Percentiles,
  type Range,
  type Step,
} from "@/lib/deployments/metrics"

const stateNames: Record<InstanceState, string> = { busy: "Busy", idle: "Idle", setting_up: "Setting up" }
const stateLooks: Record<InstanceState, { bar: string; swatch: string }> = {
  busy: { bar: "fill-accent", swatch: "bg-accent" },
  idle: { bar: "fill-field", swatch: "bg-field" },
  setting_up: { bar: "fill-info", swatch: "bg-info" },
}

/** The metrics of a deployment as charts and as a table. */
export function MetricsView({ metrics, base }: { metrics: Metrics; base: string }) {
  const { range } = metrics
  return (
    <section aria-labelledby="metrics">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h2 id="metrics">Metrics</h2>
        <nav aria-label="Time range" className="flex flex-wrap items-center gap-1">
          {(Object.keys(ranges) as Range[]).map((one) => (
            <Link
              key={one}
              href={`${base}?range=${one}#metrics`}
              scroll={false}
              aria-current={one === range ? "true" : undefined}
              className="inline-flex min-h-8 items-center rounded-md px-2.5 text-sm text-muted hover:text-text aria-[current]:bg-accent-soft aria-[current]:font-semibold aria-[current]:text-accent"
            >
              {ranges[one].label}
            </Link>
          ))}
          <a
            href={`${base}/export?range=${range}`}
            download
            className="link ml-2 inline-flex min-h-8 items-center text-sm"
          >
            CSV
          </a>
        </nav>
      </div>
      {isEmpty(metrics) ? (
        <p className="text-muted">{`Nothing ran in the last ${ranges[range].label}.`}</p>
      ) : (
        <Measured metrics={metrics} />
      )}
    </section>
  )
}

/** Whether nothing ran, no instance was up, and nothing was charged. */
const isEmpty = ({ requests, steps }: Metrics) =>
  requests === 0 && steps.every(({ instances, usd }) => instances === 0 && Number(usd) === 0)

/** Figures, charts and the table. */
function Measured({ metrics }: { metrics: Metrics }) {
  const { steps, requests, failed } = metrics
  return (
    <>
      <dl className="mb-5 grid grid-cols-2 gap-x-8 gap-y-4 sm:grid-cols-3 lg:grid-cols-6 [&_dt]:text-sm [&_dt]:text-muted">
        <Figure label="Predictions">{requests.toLocaleString("en-US")}</Figure>
        <Figure label="Failed">{`${failed.toLocaleString("en-US")}${requests > 0 ? ` (${((failed / requests) * 100).toFixed(1)} %)` : ""}`}</Figure>
        <Figure label="Latency, p50">{metrics.latency ? seconds(metrics.latency.p50) : "–"}</Figure>
        <Figure label="Latency, p95">{metrics.latency ? seconds(metrics.latency.p95) : "–"}</Figure>
        <Figure label="Cold starts">{metrics.cold_starts.toLocaleString("en-US")}</Figure>
        <Figure label="Cost">{inCents(metrics.usd)}</Figure>
      </dl>
      {metrics.complete_since !== null && (
        <p className="mb-4 text-sm text-muted">
          Latencies, the queue and the number of instances at once are complete since{" "}
          <Time iso={metrics.complete_since} />, everything else for the whole time. Choose a shorter one.
        </p>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {pictures.map((picture) => (
          <Picture key={picture.title} steps={steps} {...picture} />
        ))}
        <InstancesPicture steps={steps} />
      </div>
      <div className="mt-5 grid gap-3">
        <Disclosure summary="Latency breakdown">
          <Table label="Seconds by phase">
            <thead>
              <tr>
                <th scope="col">Part</th>
                {["p50", "p95", "p99"].map((name) => (
                  <th key={name} scope="col" className="num">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(
                [
                  ["In the queue", metrics.queue],
                  ["Waiting for an instance to boot", metrics.boot],
                  ["Running", metrics.run],
                  ["Total", metrics.latency],
                ] as [string, Percentiles][]
              ).map(([label, values]) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {(["p50", "p95", "p99"] as const).map((name) => (
                    <td key={name} className="num">
                      {values ? seconds(values[name]) : "–"}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </Disclosure>
        <Disclosure summary="As a table">
          <Table label="Metrics by time">
            <thead>
              <tr>
                <th scope="col">From (UTC)</th>
                {columns.map(({ title }) => (
                  <th key={title} scope="col" className="num">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <tr key={step.at}>
                  <th scope="row" className="whitespace-nowrap tabular-nums">
                    {step.at.slice(0, 16).replace("T", " ")}
                  </th>
                  {columns.map(({ title, of }) => (
                    <td key={title} className="num">
                      {of(step)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </Disclosure>
      </div>
    </>
  )
}

const Figure = ({ label, children }: { label: string; children: string }) => (
  <div>
    <dt>{label}</dt>
    <dd className="text-lg font-semibold">{children}</dd>
  </div>
)

const seconds = (value: number) =>
  value >= 100
    ? `${Math.round(value).toLocaleString("en-US")} s`
    : value >= 1
      ? `${value.toFixed(1)} s`
      : `${Math.round(value * 1000)} ms`

const count = (value: number) => value.toLocaleString("en-US")
const average = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 2 })

const pictures: PictureOf[] = [
  { title: "Predictions", of: (step) => step.requests, inWords: count },
  { title: "Failed", of: (step) => step.failed, inWords: count },
  { title: "Latency, p95", of: (step) => step.latency?.p95 ?? 0, inWords: seconds },
  { title: "Queued at once", of: (step) => step.queue_depth, inWords: count },
  { title: "Cold starts", of: (step) => step.cold_starts, inWords: count },
  { title: "Cost", of: (step) => Number(step.usd), inWords: (value) => inCents(value.toFixed(6)) },
]

/** The columns of the table, which has all data of the charts. */
const columns: { title: string; of: (step: Step) => string }[] = [
  { title: "Predictions", of: (step) => count(step.requests) },
  { title: "Failed", of: (step) => count(step.failed) },
  ...(["p50", "p95", "p99"] as const).map((percent) => ({
    title: `Latency, ${percent}`,
    of: ({ latency }: Step) => (latency ? seconds(latency[percent]) : "–"),
  })),
  ...(
    [
      ["queue", "In the queue, p95"],
      ["boot", "Waiting for an instance to boot, p95"],
      ["run", "Running, p95"],
    ] as const
  ).map(([part, title]) => ({ title, of: (step: Step) => (step[part] ? seconds(step[part].p95) : "–") })),
  { title: "Queued at once", of: (step) => count(step.queue_depth) },
  { title: "Cold starts", of: (step) => count(step.cold_starts) },
  { title: "Instances at once", of: (step) => count(step.instances) },
  ...instanceStates.map((state) => ({
    title: `${stateNames[state]}, average`,
    of: ({ states }: Step) => average(states[state]),
  })),
  { title: "Cost", of: (step) => inCents(step.usd) },
]

const [width, height] = [480, 96]

type PictureOf = { title: string; of: (step: Step) => number; inWords: (value: number) => string }

/** A bar chart. */
function Picture({ title, steps, of, inWords }: PictureOf & { steps: Step[] }) {
  const most = Math.max(...steps.map(of))
  return (
    <Frame title={title} note={most === 0 ? "none" : `up to ${inWords(most)}`}>
      <Bars
        label={`${title} over time: at most ${inWords(most)}, lately ${inWords(of(steps.at(-1)!))}`}
        steps={steps}
        most={most}
        parts={[{ of, className: "fill-accent" }]}
      />
    </Frame>
  )
}

/** A chart of the average number of instances by state. */
function InstancesPicture({ steps }: { steps: Step[] }) {
  const all = ({ states }: Step) => states.busy + states.idle + states.setting_up
  const most = Math.max(...steps.map(all))
  const atOnce = Math.max(...steps.map((step) => step.instances))
  const lately = instanceStates.map(
    (state) => `${average(steps.at(-1)!.states[state])} ${stateNames[state].toLowerCase()}`,
  )
  return (
    <Frame wide title="Instances" note={atOnce === 0 ? "none" : `up to ${count(atOnce)}`}>
      <Bars
        label={`Instances over time, on average: at most ${average(most)}, lately ${lately.join(", ")}`}
        steps={steps}
        most={most}
        parts={instanceStates.map((state) => ({ of: ({ states }) => states[state], className: stateLooks[state].bar }))}
      />
      <ul aria-label="Colors" className="mt-2 flex flex-wrap gap-x-4 text-sm text-muted">
        {instanceStates.map((state) => (
          <li key={state} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={`size-2.5 rounded-xs ${stateLooks[state].swatch}`} />
            {stateNames[state]}
          </li>
        ))}
      </ul>
    </Frame>
  )
}

const Frame = ({
  title,
  note,
  wide,
  children,
}: {
  title: string
  note: string
  wide?: boolean
  children: ReactNode
}) => (
  <figure className={`rounded-xl border border-line bg-surface p-4 ${wide ? "sm:col-span-2" : ""}`}>
    <figcaption className="mb-2 flex justify-between gap-3 text-sm">
      <span className="font-medium">{title}</span>
      <span className="text-muted">{note}</span>
    </figcaption>
    {children}
  </figure>
)

type Part = { of: (step: Step) => number; className: string }

/** A stacked bar for each step. */
function Bars({ label, steps, most, parts }: { label: string; steps: Step[]; most: number; parts: Part[] }) {
  const bar = width / steps.length
  const tall = (value: number) => (value === 0 ? 0 : Math.max(2, (value / most) * (height - 4)))
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="h-24 w-full"
    >
      <path d={`M0 ${height - 0.5}H${width}`} className="stroke-line" />
      {steps.map((step, at) => {
        let top = height
        return parts.map(({ of, className }) => {
          const part = tall(of(step))
          top -= part
          return (
            part > 0 && (
              <rect
                key={className}
                x={at * bar + 1}
                width={Math.max(1, bar - 2)}
                y={top}
                height={part}
                className={className}
              />
            )
          )
        })
      })}
    </svg>
  )
}
