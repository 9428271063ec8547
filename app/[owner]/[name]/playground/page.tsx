import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { LeftOut } from "@/components/run/left-out"
import { jsonText } from "@/components/run/json-text"
import { textsFor, wholeInput } from "@/components/run/read-input"
import { EmptyState } from "@/components/ui/empty-state"
import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { currentActor } from "@/lib/next/session"
import { newFormKey, nullIfUnavailable, param } from "@/lib/next/page"
import { estimateRun } from "@/lib/predictions/estimate"
import { findModelExample } from "@/lib/predictions/example"
import { fitting, getFitting } from "@/lib/predictions/fitting"
import { presentPrediction } from "@/lib/predictions/present"
import { findProgress } from "@/lib/predictions/progress"
import type { Prediction } from "@/lib/predictions/row"
import { isOver } from "@/lib/predictions/status"
import { findPullable } from "@/lib/registry/pullable"
import { getForm } from "@/lib/versions/version"
import { latestForm, loadModelPage } from "../load-model-page"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { RunForm } from "./run-form"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/playground")
  if (!page) return nothingHere
  return {
    title: `Playground · ${page.model.owner}/${page.model.name}`,
    robots: page.model.visibility === "private" ? { index: false } : undefined,
  }
}

export default async function PlaygroundPage({ params, searchParams }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/playground")
  if (!page) return <NothingHere />
  const { model, hardware, mine, viewer, origin } = page
  const base = `/${owner}/${name}`
  const version = model.latest_version
  const query = await searchParams
  const actor = await currentActor()
  const asked = param(query.prediction)
  const shown = asked
    ? await nullIfUnavailable(getFitting(actor, asked))
    : query.inputs === undefined
      ? await fittingExample(actor, owner, name)
      : null
  const ran = shown && shown.model === `${owner}/${name}` ? shown : null
  const body = ran && presentPrediction(ran, origin)
  const wanted = param(query.version) ?? (asked ? shown?.version : undefined)
  const other =
    wanted === undefined || wanted === version?.id ? null : await nullIfUnavailable(getForm(actor, owner, name, wanted))
  const form = other ?? (await latestForm(model))
  const runs = other ? wanted! : version?.id
  const estimate = runs && (await nullIfUnavailable(estimateRun(actor, owner, name, runs)))
  const image = runs ? await findPullable(actor, owner, name, runs, origin) : null
  const start = ran?.large.input ? null : (body?.input ?? inputsIn(param(query.inputs)))

  return (
    <>
      <ModelHeader model={model} hardware={hardware} state={estimate ? estimate.state : undefined} />
      <ModelTabs base={base} current="playground" hasVersions={version !== null} trains={page.trains} mine={mine} />
      {runs ? (
        <>
          {other && <OtherVersion base={base} id={runs} />}
          {ran?.large.input && (
            <div className="mb-6">
              <LeftOut id={ran.id}>The input of this run is too large for this form.</LeftOut>
            </div>
          )}
          <RunForm
            model={{ owner, name, version: runs }}
            key={runs}
            formKey={await newFormKey()}
            origin={origin}
            image={image}
            estimate={estimate || null}
            form={{ inputs: form.inputs, output: form.output, too_large: form.too_large }}
            texts={form.too_large ? { [wholeInput]: jsonText(start ?? {}, 2) } : textsFor(form.inputs, start)}
            signIn={viewer ? null : `/signin?next=${encodeURIComponent(`${base}/playground${queryOf(query)}`)}`}
            shown={body && { ...body, input: {} }}
            isCut={ran?.large.output ?? false}
            progress={ran && (await findProgress(actor, ran))}
            own={ran && ownRun(actor, ran)}
            mayCancel={ran !== null && may(actor, "run", ran.owner_id)}
          />
        </>
      ) : (
        <EmptyState title="No versions yet">
          <p>There is nothing to run. {mine && <Link href={base}>Push a version</Link>}</p>
        </EmptyState>
      )}
    </>
  )
}

/** A run that has ended and still has its data, for those who may keep and share it. */
const ownRun = (actor: Actor | null, { id, owner_id, status, data_removed, kept, expires_at }: Prediction) =>
  may(actor, "run", owner_id) && isOver(status) && !data_removed ? { id, expires_at: kept ? null : expires_at } : null

async function fittingExample(...of: Parameters<typeof findModelExample>) {
  const example = await findModelExample(...of)
  return example && fitting(example)
}

const OtherVersion = ({ base, id }: { base: string; id: string }) => (
  <p className="mb-6 text-sm text-muted">
    <span>This runs version </span>
    <Link href={`${base}/versions/${id}`} className="link font-mono">
      {id.slice(0, 12)}
    </Link>
    <span>, which is not the latest one. </span>
    <Link href={`${base}/playground`} className="link">
      Run the latest
    </Link>
  </p>
)

/** Parses the input of a link; null if it is not a JSON object. */
function inputsIn(text: string | undefined): Record<string, unknown> | null {
  const value = parsed(text)
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function queryOf(query: Record<string, string | string[] | undefined>): string {
  const kept = ["inputs", "prediction", "version"].flatMap((key) => {
    const value = param(query[key])
    return value ? [[key, value]] : []
  })
  return kept.length ? `?${new URLSearchParams(kept)}` : ""
}
