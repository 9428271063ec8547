import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { Pager } from "@/components/pager"
import { Reload } from "@/components/reload"
import { dollars, seconds } from "@/components/run/run-estimate"
import { StatusBadge } from "@/components/run/status-badge"
import { Badge } from "@/components/ui/badge"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { may } from "@/lib/access/policy"
import { getBatch, listBatchRuns, type BatchRun, type BatchState } from "@/lib/batches/batch"
import { canEdit } from "@/lib/models/policy"
import { getModel } from "@/lib/models/model"
import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable, param } from "@/lib/next/page"
import { changeBatchAction } from "./actions"
import { stateOf } from "../words"
import { Trial } from "./trial"

type Props = {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

async function load(id: string) {
  const actor = await currentActor()
  const batch = actor && (await nullIfUnavailable(getBatch(actor, id)))
  return batch && { actor, batch }
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params
  return (await load(id)) ? { title: `Batch ${id.slice(0, 12)}`, robots: { index: false } } : nothingHere
}

const atOnce = 100

export default async function BatchPage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams])
  const loaded = await load(id)
  if (!loaded) return <NothingHere />
  const { actor, batch } = loaded
  const from = Math.max(0, Math.trunc(Number(param(query.from)) || 0))
  const runs = await listBatchRuns(actor, id, from, atOnce)
  const { statuses, refused, spent, total, stopped_at, kind, model, version } = batch
  const over = (statuses.succeeded ?? 0) + (statuses.failed ?? 0) + (statuses.canceled ?? 0) + (statuses.aborted ?? 0)
  const state = stateOf(batch)
  const page = (place: number) => (place === 0 ? `/batches/${id}` : `/batches/${id}?from=${place}`)

  return (
    <>
      {!stopped_at && <Reload every={2} />}
      <PageHeader
        title={kind === "trial" ? "Trial of a version" : "Batch"}
        lead={
          <>
            <Link href={`/${model}`} className="link font-mono">
              {model || "deleted model"}
            </Link>
            <span>, version </span>
            <Link href={`/${model}/versions/${version}`} className="link font-mono">
              {version.slice(0, 12)}
            </Link>
            <span>, </span>
            <Time iso={batch.created_at} />
          </>
        }
        className="mb-6"
      />
      <div className="mb-6 grid gap-3">
        <div className="flex flex-wrap items-center gap-3" role="status">
          <Badge tone={state.tone}>{state.badge}</Badge>
          <span>{`${over + refused} of ${total} ${total === 1 ? "run" : "runs"} finished`}</span>
          {(statuses.failed ?? 0) + refused > 0 && (
            <span className="text-danger">{`${(statuses.failed ?? 0) + refused} failed`}</span>
          )}
          <span className="text-muted">{costOf(batch, spent)}</span>
        </div>
        <progress
          value={over + refused}
          max={total}
          aria-label="Finished runs"
          className="h-2 w-full max-w-3xl appearance-none overflow-hidden rounded-sm bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
        />
        {state.message && <p className="text-muted">{state.message}</p>}
        <div className="flex flex-wrap gap-3">
          <a href={`/batches/${id}/results`} className="link inline-flex min-h-10 items-center" download>
            Results as JSON lines
          </a>
          {!stopped_at && may(actor, "run", batch.owner_id) && (
            <ActionForm action={changeBatchAction}>
              <input type="hidden" name="id" value={id} />
              <SubmitButton name="change" value="cancel">
                Cancel
              </SubmitButton>
            </ActionForm>
          )}
        </div>
      </div>
      {kind === "trial" ? <Trial actor={actor} runs={runs} /> : <Runs runs={runs} />}
      <Pager
        previous={from > 0 ? page(Math.max(0, from - atOnce)) : null}
        next={from + atOnce < total ? page(from + atOnce) : null}
        labels={{ previous: "Earlier", next: "Later" }}
      />
      {kind === "trial" && <Stable batch={batch} moved={param(query.stable) !== undefined} />}
    </>
  )
}

const costOf = ({ usd_limit, stopped_at }: BatchState, spent: number) =>
  usd_limit === null
    ? `$${dollars(spent)}${stopped_at ? "" : " so far"}`
    : `$${dollars(spent)} of $${dollars(usd_limit)}`

/** Below a trial: a button that releases the version with the alias `stable`. */
async function Stable({ batch, moved }: { batch: BatchState; moved: boolean }) {
  // The model was deleted.
  if (batch.model === "") return null
  const [owner, name] = batch.model.split("/") as [string, string]
  const actor = await currentActor()
  const model = await nullIfUnavailable(getModel(actor, owner, name))
  if (!model || !canEdit(actor, model)) return null
  return (
    <section aria-labelledby="stable" className="max-w-3xl border-t border-line pt-6">
      <h2 id="stable" className="mb-1 text-lg">
        Release this version
      </h2>
      {moved ? (
        <Notice kind="success" role="status">
          <code>stable</code> now points to this version. Requests without a version run it.
        </Notice>
      ) : (
        <>
          <p className="mb-4 text-muted">
            Requests without a version run <code>stable</code> if there is one, otherwise the latest version.
          </p>
          <ActionForm action={changeBatchAction} className="flex flex-wrap gap-3">
            <input type="hidden" name="id" value={batch.id} />
            <SubmitButton name="change" value="stable" variant="primary">
              Move stable to this version
            </SubmitButton>
          </ActionForm>
        </>
      )}
    </section>
  )
}

const secondsOf = (metrics: BatchRun["metrics"]) =>
  typeof metrics?.predict_time === "number" ? seconds(metrics.predict_time) : "–"

const Runs = ({ runs }: { runs: BatchRun[] }) => (
  <Table label="Runs">
    <thead>
      <tr>
        <th scope="col">Input</th>
        <th scope="col">Prediction</th>
        <th scope="col">Status</th>
        <th scope="col" className="num">
          Ran
        </th>
        <th scope="col">Error</th>
      </tr>
    </thead>
    <tbody>
      {runs.map((run) => (
        <tr key={run.place}>
          <th scope="row">{run.place + 1}</th>
          <td>
            {run.id ? (
              <Link href={`/p/${run.id}`} className="link font-mono text-sm">
                {run.id.slice(0, 12)}
              </Link>
            ) : (
              <span className="text-muted">{run.refusal === null ? "not started" : "refused"}</span>
            )}
          </td>
          <td>{run.status ? <StatusBadge status={run.status} /> : <span className="text-muted">–</span>}</td>
          <td className="num">{secondsOf(run.metrics)}</td>
          <td className="max-w-80 wrap-anywhere text-danger">{run.refusal ?? run.error ?? ""}</td>
        </tr>
      ))}
    </tbody>
  </Table>
)
