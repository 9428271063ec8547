import Link from "next/link"

import { PredictionTable } from "@/components/run/prediction-table"
import { dollars, seconds } from "@/components/run/run-estimate"
import { Badge, type BadgeTone } from "@/components/ui/badge"
import { EmptyState } from "@/components/ui/empty-state"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import type { Actor } from "@/lib/auth/actor"
import { listRunningInstances, type RunningInstance } from "@/lib/instances/overview"
import { listHistory } from "@/lib/predictions/history"
import { spendingOf } from "@/lib/usage/spending"

/** The viewer's latest runs, the running instances of their models, and their spending. */
export async function Dashboard({ actor }: { actor: Actor }) {
  const [{ rows }, running, spending] = await Promise.all([
    listHistory(actor, {}, undefined, undefined, 6),
    listRunningInstances(actor),
    spendingOf(actor),
  ])
  const dearest = spending.models.filter(({ usd }) => Number(usd) > 0).slice(0, 3)
  return (
    <>
      <section aria-labelledby="recent-runs" className="mt-12">
        <div className="mb-4 flex items-baseline justify-between gap-4">
          <h2 id="recent-runs">Recent runs</h2>
          {rows.length > 0 && (
            <Link href="/predictions" className="link">
              All predictions
            </Link>
          )}
        </div>
        {rows.length > 0 ? (
          <PredictionTable label="Your recent runs" predictions={rows} />
        ) : (
          <EmptyState title="No runs yet">What you run in the browser or with the API appears here.</EmptyState>
        )}
      </section>
      <div className="mt-12 grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <section aria-labelledby="instances">
          <h2 id="instances" className="mb-4">
            Running instances
          </h2>
          {running.length > 0 ? (
            <Instances running={running} />
          ) : (
            <p className="text-muted">
              None of your models is running. An instance starts when it is needed and stops when idle.
            </p>
          )}
        </section>
        <section aria-labelledby="spending">
          <h2 id="spending" className="mb-4">
            Spending
          </h2>
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5">
            <dt className="text-muted">Today</dt>
            <dd className="text-right tabular-nums">{`$${dollars(spending.today)}`}</dd>
            <dt className="text-muted">This month</dt>
            <dd className="text-right tabular-nums">{`$${dollars(spending.month)}`}</dd>
            {dearest.map(({ model, usd, seconds: took }) => (
              <div key={model} className="col-span-2 grid grid-cols-subgrid border-t border-line pt-1.5 text-sm">
                <dt className="min-w-0 font-mono wrap-anywhere text-muted">{model || "other models"}</dt>
                <dd className="text-right tabular-nums">
                  <span>{`$${dollars(usd)}`}</span>
                  <span className="ml-2 whitespace-nowrap text-muted">{seconds(took)}</span>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </>
  )
}

const tones: Record<RunningInstance["state"], BadgeTone> = {
  booting: "info",
  setting_up: "info",
  idle: "accent",
  busy: "accent",
  stopping: "neutral",
  stopped: "neutral",
  failed: "danger",
}

const Instances = ({ running }: { running: RunningInstance[] }) => (
  <Table label="Instances of your models">
    <thead>
      <tr>
        <th scope="col">Model</th>
        <th scope="col">State</th>
        <th scope="col">Hardware</th>
        <th scope="col">Since</th>
        <th scope="col" className="num">
          Per hour
        </th>
      </tr>
    </thead>
    <tbody>
      {running.map(({ id, model, version, state, hardware, created_at, usd_per_second }) => (
        <tr key={id}>
          <th scope="row">
            {model ? (
              <Link href={`/${model}`} className="link font-mono text-sm">
                {model}
              </Link>
            ) : (
              <span className="font-normal text-muted">private model</span>
            )}
            <span className="block font-mono text-xs text-muted">{version.slice(0, 12)}</span>
          </th>
          <td>
            <Badge tone={tones[state]}>{state.replace("_", " ")}</Badge>
          </td>
          <td className="font-mono text-sm whitespace-nowrap">{hardware}</td>
          <td className="whitespace-nowrap">
            <Time iso={created_at} />
          </td>
          <td className="num">{`$${dollars(Number(usd_per_second) * 3600)}`}</td>
        </tr>
      ))}
    </tbody>
  </Table>
)
