"use client"

import { Logs } from "@/components/run/logs"
import { fileName, filesIn, isFile, Media } from "@/components/run/media"
import { StatusBadge } from "@/components/run/status-badge"
import { isOver, useLivePrediction } from "@/components/run/use-live-prediction"
import { useRefreshAtEnd } from "@/components/run/use-refresh-at-end"
import { ButtonLink } from "@/components/ui/button"
import { Notice } from "@/components/ui/notice"
import type { PredictionBody } from "@/lib/models/prediction-body"
import { lossesIn } from "@/lib/trainings/losses"
import { outputOf } from "@/lib/trainings/output"
import type { TrainingBody } from "@/lib/trainings/present"
import { LossCurve } from "./loss-curve"

type Props = {
  initial: TrainingBody
  /** The version that the training created; null if it does not exist. */
  version: { reference: string; id: string } | null
}

/** A training, updated live: times, loss and logs, and its outputs. */
export function TrainingView({ initial, version }: Props) {
  const { prediction: training, isLost } = useLivePrediction(initial as PredictionBody, null, false)
  const { status, status_detail, error, logs = "", data_removed } = training
  const over = isOver(status)
  useRefreshAtEnd(over)
  const output = outputOf(training.output)
  const series = lossesIn(logs)

  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-8">
      <div role="status" className="grid gap-2">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StatusBadge status={status} />
          {status_detail && <span className="text-sm text-muted">{status_detail}</span>}
        </p>
      </div>
      {isLost && <Notice kind="warn">The server is not responding. Retrying; the training continues.</Notice>}
      {error && (
        <Notice
          kind={status === "canceled" ? "warn" : "danger"}
          title={status === "canceled" ? "Canceled" : "The training failed"}
        >
          <p className="wrap-anywhere whitespace-pre-wrap">{error}</p>
        </Notice>
      )}
      {version && (
        <Notice kind="success" title="A new version is ready">
          <p className="mb-3 font-mono text-sm wrap-anywhere">{`${version.reference}:${version.id.slice(0, 12)}`}</p>
          <div className="flex flex-wrap gap-3">
            <ButtonLink href={`/${version.reference}/playground`} variant="primary">
              Run it
            </ButtonLink>
            <ButtonLink href={`/${version.reference}/versions/${version.id}`}>About the version</ButtonLink>
          </div>
        </Notice>
      )}
      <Timeline training={training} />
      {data_removed ? (
        <p className="text-muted">Input, logs and weights of this training were removed.</p>
      ) : (
        <>
          {output && <Given output={output} />}
          <div className="grid grid-cols-[minmax(0,1fr)] gap-8 xl:grid-cols-2">
            {series.length > 0 && (
              <section aria-labelledby="loss" className="min-w-0">
                <h2 id="loss" className="mb-3">
                  Loss
                </h2>
                <LossCurve series={series} />
              </section>
            )}
            <section aria-labelledby="logs" className={`min-w-0 ${series.length > 0 ? "" : "xl:col-span-2"}`}>
              <h2 id="logs" className="mb-3">
                Logs
              </h2>
              {logs ? (
                <Logs label="Lines of the log" text={logs} of={training} />
              ) : (
                <p className="text-muted">{over ? "No logs." : "Logs appear here."}</p>
              )}
            </section>
          </div>
        </>
      )}
      {!over && (
        <noscript>
          <a href={`/trainings/${training.id}`} className="link">
            Reload to see the current progress
          </a>
        </noscript>
      )}
    </div>
  )
}

/** The outputs of a training: weights to download, and all other files as samples. */
function Given({ output }: { output: Record<string, unknown> }) {
  const { weights, version: _version, ...others } = output
  const samples = Object.entries(others).flatMap(([name, value]) => filesIn(value).map((url) => ({ name, url })))
  return (
    <>
      {isFile(weights) && (
        <section aria-labelledby="given" className="grid gap-3">
          <h2 id="given">Weights</h2>
          <p>
            <a href={weights} download={fileName(weights)} className="link font-mono text-sm wrap-anywhere">
              {`Download ${fileName(weights)}`}
            </a>
          </p>
        </section>
      )}
      {samples.length > 0 && (
        <section aria-labelledby="samples" className="grid gap-3">
          <h2 id="samples">Samples</h2>
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,14rem),1fr))] gap-4">
            {samples.map(({ name, url }) => (
              <li key={url} className="min-w-0">
                {name !== "samples" && <p className="mb-1 font-mono text-sm wrap-anywhere text-muted">{name}</p>}
                <Media url={url} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

const clock = (iso: string) => `${iso.slice(0, 19).replace("T", " ")} UTC`
const between = (from: string, to: string) => {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** When a training was created, started and ended, and what it cost. */
function Timeline({ training }: { training: PredictionBody }) {
  const { created_at, started_at, completed_at, status, metrics } = training
  const steps = [
    { name: "Created", at: created_at },
    {
      name: "Training began",
      at: started_at,
      after: started_at && `after ${between(created_at, started_at)} of waiting and set-up`,
    },
    {
      name: completed_at ? `Ended: ${status}` : "Ended",
      at: completed_at,
      after: completed_at && started_at && `after ${between(started_at, completed_at)}`,
    },
  ]
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline" className="mb-3">
        Timeline
      </h2>
      <ol className="grid gap-2 border-l-2 border-line pl-4">
        {steps.map(({ name, at, after }) => (
          <li key={name} className={at ? "" : "text-muted"}>
            <span className="font-semibold">{name}</span>
            <span className="block text-sm text-muted">
              {at ? (
                <>
                  <time dateTime={at}>{clock(at)}</time>
                  {after && <span>{`, ${after}`}</span>}
                </>
              ) : (
                "not yet"
              )}
            </span>
          </li>
        ))}
      </ol>
      {metrics?.cost_usd !== undefined && (
        <p className="mt-3">
          <span className="text-muted">Cost: </span>
          <span className="tabular-nums">{`$${metrics.cost_usd}`}</span>
        </p>
      )}
    </section>
  )
}
