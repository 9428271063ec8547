"use client"

import { useEffect, useState } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Notice } from "@/components/ui/notice"
import type { PredictionBody } from "@/lib/models/example"
import type { Output } from "@/lib/versions/read-form"
import { OutputView } from "./output"
import { StatusBadge } from "./status-badge"

type Props = { initial: PredictionBody; output: Pick<Output, "arrives"> }

const pause = 400

const isOver = (status: PredictionBody["status"]) => !["starting", "processing"].includes(status)

/** A prediction with its output as it arrives, until it is over. */
export function PredictionView({ initial, output }: Props) {
  const { prediction, isLost } = useLivePrediction(initial)
  const { status, status_detail, error, logs, metrics, data_removed } = prediction
  const over = isOver(status)

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatusBadge status={status} />
        <Times prediction={prediction} />
        {status_detail && <span className="text-sm text-muted">{status_detail}</span>}
      </p>
      {isLost && (
        <Notice kind="warn">The server does not answer. This page tries again; the run itself goes on.</Notice>
      )}
      {error && (
        <Notice kind="danger" title="The run failed">
          <p className="wrap-anywhere whitespace-pre-wrap">{error}</p>
        </Notice>
      )}
      {data_removed ? (
        <p className="text-muted">Input, output and logs of this run were removed.</p>
      ) : prediction.output !== null && prediction.output !== undefined ? (
        <div aria-live="polite" aria-busy={!over}>
          <OutputView value={prediction.output} shape={output} growing={!over} />
        </div>
      ) : (
        !over && <p className="text-muted">The output appears here.</p>
      )}
      {logs && (
        <Disclosure summary="Logs">
          <CodeBlock label="Logs" wrap code={logs} />
        </Disclosure>
      )}
      {metrics && <Metrics metrics={metrics} />}
      {!over && (
        <noscript>
          <a href={`/p/${prediction.id}`} className="link">
            Reload to see what it has given by now
          </a>
        </noscript>
      )}
    </div>
  )
}

/** Asks for the prediction again and again until it is over; a lost connection is tried anew. */
function useLivePrediction(initial: PredictionBody) {
  const [prediction, setPrediction] = useState(initial)
  const [isLost, setLost] = useState(false)
  const { id } = initial
  const over = isOver(prediction.status)

  useEffect(() => {
    if (over) return
    const leaving = new AbortController()
    void (async () => {
      while (!leaving.signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, pause))
        try {
          const response = await fetch(`/api/web/predictions/${id}`, { signal: leaving.signal, cache: "no-store" })
          if (!response.ok) throw new Error(String(response.status))
          const now = (await response.json()) as PredictionBody
          setLost(false)
          setPrediction(now)
          if (isOver(now.status)) return
        } catch {
          if (!leaving.signal.aborted) setLost(true)
          await new Promise((resolve) => setTimeout(resolve, 2000))
        }
      }
    })()
    return () => leaving.abort()
  }, [id, over])

  return { prediction, isLost }
}

function Times({ prediction: { created_at, started_at, completed_at, metrics } }: { prediction: PredictionBody }) {
  const seconds = (from?: string, to?: string) =>
    from && to ? Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000).toFixed(1) : null
  const waited = seconds(created_at, started_at)
  const ran = metrics?.predict_time?.toFixed(1) ?? seconds(started_at, completed_at)
  return (
    <span className="text-sm text-muted">
      {[waited && `waited ${waited} s`, ran && `ran ${ran} s`].filter(Boolean).join(", ")}
    </span>
  )
}

function Metrics({ metrics }: { metrics: NonNullable<PredictionBody["metrics"]> }) {
  const { cost_usd } = metrics
  return cost_usd === undefined ? null : <p className="text-sm text-muted">{`Cost: $${cost_usd.toFixed(6)}`}</p>
}
