import Link from "next/link"

import { Disclosure } from "@/components/ui/disclosure"
import { Table } from "@/components/ui/table"
import { inCents } from "@/lib/deployments/estimate"
import { ranges, type Metrics, type Percentiles, type Range, type Step } from "@/lib/deployments/metrics"

/** What a deployment did, as pictures and as a table. */
export function MetricsView({ metrics, base }: { metrics: Metrics; base: string }) {
  const { steps, requests, failed, range } = metrics
  const pictures: { title: string; of: (step: Step) => number; inWords: (value: number) => string }[] = [
    { title: "Predictions", of: (step) => step.requests, inWords: (value) => value.toLocaleString("en-US") },
    { title: "Failed", of: (step) => step.failed, inWords: (value) => value.toLocaleString("en-US") },
    { title: "Latency, p95", of: (step) => step.latency?.p95 ?? 0, inWords: seconds },
    {
      title: "Queued at once",
      of: (step) => step.queue_depth,
      inWords: (value) => value.toLocaleString("en-US"),
    },
    { title: "Cold starts", of: (step) => step.cold_starts, inWords: (value) => value.toLocaleString("en-US") },
    { title: "Instances", of: (step) => step.instances, inWords: (value) => value.toLocaleString("en-US") },
  ]
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
      <dl className="mb-5 grid grid-cols-2 gap-x-8 gap-y-4 sm:grid-cols-3 lg:grid-cols-6 [&_dd]:tabular-nums [&_dt]:text-sm [&_dt]:text-muted">
        <Figure label="Predictions">{requests.toLocaleString("en-US")}</Figure>
        <Figure label="Failed">{`${failed.toLocaleString("en-US")}${requests > 0 ? ` (${((failed / requests) * 100).toFixed(1)} %)` : ""}`}</Figure>
        <Figure label="Latency, p50">{metrics.latency ? seconds(metrics.latency.p50) : "–"}</Figure>
        <Figure label="Latency, p95">{metrics.latency ? seconds(metrics.latency.p95) : "–"}</Figure>
        <Figure label="Cold starts">{metrics.cold_starts.toLocaleString("en-US")}</Figure>
        <Figure label="Cost">{inCents(metrics.usd)}</Figure>
      </dl>
      {metrics.truncated && (
        <p className="mb-4 text-sm text-muted">
          Only the newest {requests.toLocaleString("en-US")} predictions are counted; choose a shorter time.
        </p>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {pictures.map((picture) => (
          <Picture key={picture.title} steps={steps} {...picture} />
        ))}
      </div>
      <div className="mt-5 grid gap-3">
        <Disclosure summary="Where the time goes">
          <Table label="Seconds by part">
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
                  ["Waiting for a boot", metrics.boot],
                  ["Running", metrics.run],
                  ["All of it", metrics.latency],
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
                <th scope="col" className="num">
                  Predictions
                </th>
                <th scope="col" className="num">
                  Failed
                </th>
                <th scope="col" className="num">
                  Latency, p95
                </th>
                <th scope="col" className="num">
                  Queued at once
                </th>
                <th scope="col" className="num">
                  Cold starts
                </th>
                <th scope="col" className="num">
                  Instances
                </th>
                <th scope="col" className="num">
                  Cost
                </th>
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <tr key={step.at}>
                  <th scope="row" className="whitespace-nowrap tabular-nums">
                    {step.at.slice(0, 16).replace("T", " ")}
                  </th>
                  <td className="num">{step.requests.toLocaleString("en-US")}</td>
                  <td className="num">{step.failed.toLocaleString("en-US")}</td>
                  <td className="num">{step.latency ? seconds(step.latency.p95) : "–"}</td>
                  <td className="num">{step.queue_depth.toLocaleString("en-US")}</td>
                  <td className="num">{step.cold_starts}</td>
                  <td className="num">{step.instances}</td>
                  <td className="num">{inCents(step.usd)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Disclosure>
      </div>
    </section>
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

const [width, height] = [480, 96]

/** Bars; the table below says the same. */
function Picture({
  title,
  steps,
  of,
  inWords,
}: {
  title: string
  steps: Step[]
  of: (step: Step) => number
  inWords: (value: number) => string
}) {
  const values = steps.map(of)
  const most = Math.max(...values)
  const bar = width / values.length
  return (
    <figure className="rounded-xl border border-line bg-surface p-4">
      <figcaption className="mb-2 flex justify-between gap-3 text-sm">
        <span className="font-medium">{title}</span>
        <span className="text-muted tabular-nums">{`up to ${inWords(most)}`}</span>
      </figcaption>
      <svg
        role="img"
        aria-label={`${title} over time: at most ${inWords(most)}, lately ${inWords(values.at(-1)!)}`}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className="h-24 w-full"
      >
        <path d={`M0 ${height - 0.5}H${width}`} className="stroke-line" />
        {values.map((value, at) =>
          value === 0 ? null : (
            <rect
              key={steps[at]!.at}
              x={at * bar + 1}
              width={Math.max(1, bar - 2)}
              y={height - Math.max(2, (value / most) * (height - 4))}
              height={Math.max(2, (value / most) * (height - 4))}
              className="fill-accent"
            />
          ),
        )}
      </svg>
    </figure>
  )
}
