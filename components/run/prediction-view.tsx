"use client"

import { useEffect, useState } from "react"

import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Notice } from "@/components/ui/notice"
import type { PredictionBody } from "@/lib/models/prediction-body"
import type { RunProgress } from "@/lib/predictions/progress"
import type { Output } from "@/lib/versions/read-form"
import { DownloadAll } from "./download-all"
import { jsonText } from "./json-text"
import { OutputLeftOut } from "./left-out"
import { Logs } from "./logs"
import { filesIn } from "./media"
import { isFormatted, OutputView } from "./output"
import { dollars } from "./run-estimate"
import { StatusBadge } from "./status-badge"
import { Timeline } from "./timeline"
import { isOver, useLivePrediction } from "./use-live-prediction"
import { useRefreshAtEnd } from "./use-refresh-at-end"
import { useScripts } from "@/components/use-scripts"

type Props = {
  initial: PredictionBody
  output: Pick<Output, "arrives">
  progress?: RunProgress | null
  /** Shows a button to cancel the prediction. */
  cancels?: boolean
  /** Whether only a part of the output is given at first. */
  isCut?: boolean
}

/** A prediction and its output, updated live until it ends. */
export function PredictionView({ initial, output, progress: first = null, cancels = false, isCut = false }: Props) {
  const growsAsText = output.arrives === "as growing text"
  const live = useLivePrediction(initial, first, growsAsText)
  const { prediction, progress, isLost } = live
  const { status, status_detail, error, logs, metrics, data_removed } = prediction
  const over = isOver(status)
  useRefreshAtEnd(over)
  // What arrives while the page is open is all of it.
  const [isPart] = useState(isCut && over)
  const scripts = useScripts()
  const now = useSeconds(!over && scripts)
  const shown = growsAsText ? longerOf(prediction.output, live.text) : prediction.output

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StatusBadge status={status} />
          {progress?.ahead ? (
            <span className="text-sm text-muted">
              {`${progress.ahead.toLocaleString("en-US")} ${progress.ahead === 1 ? "prediction" : "predictions"} ahead`}
            </span>
          ) : null}
          {status_detail && <span className="text-sm text-muted">{status_detail}</span>}
        </p>
        {cancels && !over && scripts && <Cancel id={prediction.id} ended={live.setPrediction} />}
      </div>
      <Timeline prediction={prediction} times={progress} now={now} />
      {isLost && <Notice kind="warn">The server is not responding. Retrying; the run continues.</Notice>}
      {error && (
        <Notice kind="danger" title="The run failed">
          <p className="wrap-anywhere whitespace-pre-wrap">{error}</p>
        </Notice>
      )}
      {data_removed ? (
        <p className="text-muted">Input, output and logs of this run were removed.</p>
      ) : shown !== null && shown !== undefined ? (
        <div aria-live="polite" aria-busy={!over} className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <OutputView value={shown} shape={output} growing={!over} />
          {over && !isPart && <Beside output={shown} growsAsText={growsAsText} />}
        </div>
      ) : (
        !over && <p className="text-muted">The output appears here.</p>
      )}
      {isPart && !data_removed && <OutputLeftOut id={prediction.id} shown={shown} />}
      {progress?.setup_log && (
        <Disclosure summary="Set-up log" mark="for those who may edit the model">
          <Logs text={progress.setup_log} label="Set-up log" of={prediction} />
        </Disclosure>
      )}
      {logs && (
        <Disclosure summary="Logs">
          <Logs text={logs} label="Logs" of={prediction} />
        </Disclosure>
      )}
      {metrics?.cost_usd !== undefined && <p className="text-sm text-muted">{`Cost: $${dollars(metrics.cost_usd)}`}</p>}
      <OwnMetrics metrics={metrics} />
      {!over && (
        <noscript>
          <a href={`/p/${prediction.id}`} className="link">
            Reload to see the output so far
          </a>
        </noscript>
      )}
    </div>
  )
}

/** The metrics that the model reported. Times and cost are shown elsewhere on the page. */
function OwnMetrics({ metrics }: Pick<PredictionBody, "metrics">) {
  const { predict_time: _, total_time: __, cost_usd: ___, ...own } = metrics ?? {}
  const shown = Object.entries(own).slice(0, 50)
  if (shown.length === 0) return null
  return (
    <section aria-label="Metrics of the model">
      <h3 className="mb-2 text-base">Metrics</h3>
      <dl className="grid grid-cols-[fit-content(60%)_minmax(0,1fr)] gap-x-6 gap-y-1 text-sm">
        {shown.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="font-mono wrap-anywhere text-muted">{name}</dt>
            <dd className="wrap-anywhere tabular-nums">
              {(typeof value === "string" ? value : jsonText(value)).slice(0, 200)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** Below an output: a button to download all files, and the output as JSON. */
function Beside({ output, growsAsText }: { output: unknown; growsAsText: boolean }) {
  const files = filesIn(output)
  const isAnotherView = isFormatted(output) || (Array.isArray(output) && growsAsText)
  return (
    <>
      {files.length > 1 && <DownloadAll files={files} />}
      {isAnotherView && (
        <Disclosure summary="Output as JSON">
          <CodeBlock label="The output as JSON" wrap code={jsonText(output, 2)} />
        </Disclosure>
      )}
    </>
  )
}

/** The longer of the polled output and the streamed text: the stream is ahead until the prediction ends. */
const longerOf = (output: unknown, text: string): unknown =>
  Array.isArray(output) && output.join("").length >= text.length ? output : text === "" ? output : [text]

/** The current time, updated five times a second while `running`. */
function useSeconds(running: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setNow(Date.now()), 200)
    return () => clearInterval(timer)
  }, [running])
  return now
}

function Cancel({ id, ended }: { id: string; ended: (prediction: PredictionBody) => void }) {
  const [state, setState] = useState<"" | "sent" | "failed">("")
  async function cancel() {
    setState("sent")
    const answer = await fetch(`/api/web/predictions/${id}`, { method: "DELETE" }).catch(() => null)
    if (answer?.ok) ended((await answer.json()) as PredictionBody)
    else setState("failed")
  }
  return (
    <>
      <Button size="sm" pending={state === "sent"} onClick={() => void cancel()}>
        Cancel
      </Button>
      {state === "failed" && <span className="text-sm text-danger">It could not be cancelled. Try again.</span>}
    </>
  )
}
