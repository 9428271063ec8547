import Link from "next/link"
import type { ReactNode } from "react"

import { arrivalOf } from "@/components/run/arrival"
import { InputView } from "@/components/run/input-view"
import { OutputView } from "@/components/run/output"
import { dollars, seconds } from "@/components/run/run-estimate"
import { StatusBadge } from "@/components/run/status-badge"
import { Disclosure } from "@/components/ui/disclosure"
import { Table } from "@/components/ui/table"
import type { Actor } from "@/lib/auth/actor"
import type { BatchRun } from "@/lib/batches/batch"
import { currentOrigin } from "@/lib/next/page"
import { listFitting } from "@/lib/predictions/fitting"
import { presentPrediction } from "@/lib/predictions/present"
import type { Prediction } from "@/lib/predictions/row"
import { summaryOf } from "./trial-summary"

/** The result of a trial, with the outputs of both versions side by side. */
export async function Trial({ actor, runs }: { actor: Actor; runs: BatchRun[] }) {
  const ids = runs.flatMap(({ id, base }) => [base, id]).filter((id) => id !== null)
  const known = await listFitting(actor, ids)
  const origin = await currentOrigin()
  return (
    <>
      <Summary runs={runs} />
      <section aria-labelledby="outputs" className="mb-10">
        <h2 id="outputs" className="mb-4">
          Outputs
        </h2>
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-6">
          {runs.map((run) => (
            <li key={run.place} className="rounded-xl border border-line bg-surface">
              <Pair run={run} known={known} origin={origin} />
            </li>
          ))}
        </ol>
      </section>
    </>
  )
}

function Summary({ runs }: { runs: BatchRun[] }) {
  const { pairs, before, now } = summaryOf(runs)
  if (pairs === 0) return null
  const inSeconds = (value: number | null) => (value === null ? "–" : seconds(value))
  const inDollars = (value: number | null) => (value === null ? "–" : `$${dollars(value)}`)
  return (
    <section aria-labelledby="summary" className="mb-8 max-w-3xl">
      <h2 id="summary" className="mb-3">
        Summary
      </h2>
      <Table label="Before and with this version">
        <thead>
          <tr>
            <th scope="col">{`Of ${pairs} ${pairs === 1 ? "run" : "runs"}`}</th>
            <th scope="col" className="num">
              Before
            </th>
            <th scope="col" className="num">
              This version
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Failed</th>
            <td className="num">{before.failed}</td>
            <td className={`num ${now.failed > before.failed ? "font-semibold text-danger" : ""}`}>{now.failed}</td>
          </tr>
          <tr>
            <th scope="row">Median run time</th>
            <td className="num">{inSeconds(before.seconds)}</td>
            <td className="num">{inSeconds(now.seconds)}</td>
          </tr>
          <tr>
            <th scope="row">Median cost</th>
            <td className="num">{inDollars(before.usd)}</td>
            <td className="num">{inDollars(now.usd)}</td>
          </tr>
        </tbody>
      </Table>
    </section>
  )
}

type Known = Map<string, Prediction | null>

function Pair({ run, known, origin }: { run: BatchRun; known: Known; origin: string }) {
  const { place, id, base, refusal } = run
  const input = [id, base].map((one) => one && known.get(one)).find((one) => one && !one.data_removed)
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 border-b border-line px-5 py-3">
        <h3 className="text-base">{`Input ${place + 1}`}</h3>
        {id && base && (
          <Link
            href={`/predictions/compare?a=${base}&b=${id}`}
            className="link inline-flex min-h-8 items-center text-sm"
          >
            Compare<span className="sr-only">{` the runs of input ${place + 1}`}</span>
          </Link>
        )}
        {input && (
          <div className="basis-full">
            <Disclosure summary="Input">
              <InputView input={presentPrediction(input, origin).input} />
            </Disclosure>
          </div>
        )}
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] md:grid-cols-2 md:divide-x md:divide-line">
        <Side title="Before" id={base} status={run.base_status} metrics={run.base_metrics}>
          <Given id={base} known={known} origin={origin} />
        </Side>
        <Side title="This version" id={id} status={run.status} metrics={run.metrics}>
          {refusal === null ? (
            <Given id={id} known={known} origin={origin} />
          ) : (
            <p className="wrap-anywhere text-danger">{`Refused: ${refusal}`}</p>
          )}
        </Side>
      </div>
    </>
  )
}

type SideProps = {
  title: string
  id: string | null
  status: BatchRun["status"]
  metrics: BatchRun["metrics"]
  children: ReactNode
}

const Side = ({ title, id, status, metrics, children }: SideProps) => (
  <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3 px-5 py-4 max-md:not-first:border-t max-md:not-first:border-line">
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
      <span className="font-semibold text-text">{title}</span>
      {status && <StatusBadge status={status} />}
      {typeof metrics?.predict_time === "number" && <span>{`ran ${seconds(metrics.predict_time)}`}</span>}
      {typeof metrics?.cost_usd === "number" && <span>{`$${dollars(metrics.cost_usd)}`}</span>}
      {id && (
        <Link href={`/p/${id}`} className="link font-mono">
          {id.slice(0, 12)}
        </Link>
      )}
    </p>
    {children}
  </div>
)

function Given({ id, known, origin }: { id: string | null; known: Known; origin: string }) {
  const prediction = id === null ? undefined : known.get(id)
  if (id === null) return <p className="text-muted">Not started yet.</p>
  if (prediction === null) return <p className="text-muted">Too long to show here.</p>
  if (!prediction) return <p className="text-muted">You cannot see this run any more.</p>
  const body = presentPrediction(prediction, origin)
  if (body.data_removed) return <p className="text-muted">Its data was removed.</p>
  return (
    <>
      {body.error && <p className="wrap-anywhere whitespace-pre-wrap text-danger">{body.error}</p>}
      {body.output === null || body.output === undefined ? (
        !body.error && <p className="text-muted">No output.</p>
      ) : (
        <OutputView value={body.output} shape={{ arrives: arrivalOf(body) }} growing={false} />
      )}
    </>
  )
}
