import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { arrivalOf } from "@/components/run/arrival"
import { ImageSlider } from "@/components/run/image-slider"
import { pairInputs } from "@/components/run/input-diff"
import { LeftOut } from "@/components/run/left-out"
import { jsonText } from "@/components/run/json-text"
import { filesIn, kindOf } from "@/components/run/media"
import { OutputView } from "@/components/run/output"
import { dollars, seconds } from "@/components/run/run-estimate"
import { StatusBadge } from "@/components/run/status-badge"
import { Badge } from "@/components/ui/badge"
import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { PageHeader } from "@/components/ui/page-header"
import { Table } from "@/components/ui/table"
import type { PredictionBody } from "@/lib/models/prediction-body"
import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable, param, currentOrigin } from "@/lib/next/page"
import { getFitting, type FittingPrediction } from "@/lib/predictions/fitting"
import { presentPrediction } from "@/lib/predictions/present"

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

/** The maximum number of inputs compared. */
const most = 200

const idsIn = (query: Record<string, string | string[] | undefined>) =>
  [param(query.a), param(query.b)].map((text) => (text ?? "").trim().replace(/^.*\/p\/|[?#/].*$/g, ""))

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const ids = idsIn(await searchParams)
  const found = ids.every((id) => id === "") || (await load(ids))
  return found ? { title: "Compare predictions", robots: { index: false } } : nothingHere
}

async function load(ids: string[]): Promise<[FittingPrediction, FittingPrediction] | null> {
  const actor = await currentActor()
  const [a, b] = await Promise.all(ids.map((id) => nullIfUnavailable(getFitting(actor, id))))
  return a && b ? [a, b] : null
}

export default async function ComparePage({ searchParams }: Props) {
  const ids = idsIn(await searchParams)
  if (ids.every((id) => id === "")) return <Choose />
  const found = await load(ids)
  if (!found) return <NothingHere />
  const origin = await currentOrigin()
  const bodies = found.map((one) => presentPrediction(one, origin)) as [PredictionBody, PredictionBody]
  const pairs = pairInputs(bodies[0].input, bodies[1].input)
  const pictures = bodies.map(({ output }) => filesIn(output).filter((file) => kindOf(file) === "image"))

  return (
    <>
      <PageHeader title="Compare predictions" className="mb-8" />
      <div className="mb-10 grid grid-cols-[minmax(0,1fr)] gap-6 md:grid-cols-2">
        {bodies.map((body, at) => (
          <Facts key={at} letter={"AB"[at]!} body={body} />
        ))}
      </div>
      <section aria-labelledby="inputs" className="mb-10">
        <h2 id="inputs" className="mb-3">
          Inputs
        </h2>
        {bodies.some(({ data_removed }) => data_removed) ? (
          <p className="text-muted">The input of one of them was removed.</p>
        ) : found.some(({ large }) => large.input) ? (
          <p className="text-muted">The input of one of them is too large to compare here.</p>
        ) : pairs.length === 0 ? (
          <p className="text-muted">Neither has inputs.</p>
        ) : (
          <Table label="Inputs of both">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
              </tr>
            </thead>
            <tbody>
              {pairs.slice(0, most).map(({ name, a, b, differs }) => (
                <tr key={name} className={differs ? "bg-accent-soft" : ""}>
                  <th scope="row" className="align-top">
                    <span className="mr-2 font-mono text-sm">{name}</span>
                    {differs && <Badge tone="accent">differs</Badge>}
                  </th>
                  {[a, b].map((value, at) => (
                    <td key={at} translate="no" className="min-w-40 align-top wrap-anywhere whitespace-pre-wrap">
                      <Value value={value} />
                    </td>
                  ))}
                </tr>
              ))}
              {pairs.length > most && (
                <tr>
                  <td colSpan={3} className="text-muted">
                    {`${(pairs.length - most).toLocaleString("en-US")} more inputs.`}
                  </td>
                </tr>
              )}
            </tbody>
          </Table>
        )}
      </section>
      <section aria-labelledby="outputs">
        <h2 id="outputs" className="mb-3">
          Outputs
        </h2>
        {pictures[0]!.length > 0 && pictures[1]!.length > 0 && (
          <div className="mb-8">
            <ImageSlider first={pictures[0]![0]!} second={pictures[1]![0]!} />
          </div>
        )}
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8 md:grid-cols-2">
          {bodies.map((body, at) => (
            <div key={at} className="min-w-0">
              <h3 className="mb-2 text-base">{"AB"[at]}</h3>
              {body.error && <p className="mb-3 wrap-anywhere text-danger">{body.error}</p>}
              {body.data_removed ? (
                <p className="text-muted">Removed.</p>
              ) : found[at]!.large.output && body.output === null ? (
                <LeftOut id={body.id}>The output is too large to show here.</LeftOut>
              ) : body.output === null || body.output === undefined ? (
                <p className="text-muted">None.</p>
              ) : (
                <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
                  <OutputView value={body.output} shape={{ arrives: arrivalOf(body) }} growing={false} />
                  {found[at]!.large.output && (
                    <LeftOut id={body.id}>Only the beginning of the output is shown here.</LeftOut>
                  )}
                </div>
              )}
            </div>
          ))}
        </div>
      </section>
    </>
  )
}

const Value = ({ value }: { value: unknown }) =>
  value === undefined ? (
    <span className="text-muted">not given</span>
  ) : (
    <span>{(typeof value === "string" ? value : jsonText(value, 2)).slice(0, 5000)}</span>
  )

function Facts({ letter, body }: { letter: string; body: PredictionBody }) {
  const { id, model, version, status, metrics } = body
  return (
    <div className="rounded-xl border border-line bg-surface p-5">
      <h2 className="mb-2 text-lg">
        <span>{`${letter}: `}</span>
        <Link href={`/p/${id}`} className="link font-mono">
          {id.slice(0, 12)}
        </Link>
      </h2>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        <StatusBadge status={status} />
        <span className="font-mono">{`${model} ${version.slice(0, 12)}`}</span>
        {metrics?.predict_time !== undefined && <span>{`ran ${seconds(metrics.predict_time)}`}</span>}
        {metrics?.cost_usd !== undefined && <span>{`$${dollars(metrics.cost_usd)}`}</span>}
      </p>
    </div>
  )
}

const Choose = () => (
  <>
    <PageHeader
      title="Compare predictions"
      lead="Two runs side by side: inputs, outputs, times and costs."
      className="mb-8"
    />
    <form action="/predictions/compare" className="grid max-w-2xl gap-4">
      {(["a", "b"] as const).map((letter) => (
        <Field key={letter} label={`Prediction ${letter.toUpperCase()}`} hint="Its address or ID.">
          {(control) => <TextInput {...control} name={letter} required mono autoComplete="off" />}
        </Field>
      ))}
      <span>
        <Button type="submit" variant="primary">
          Compare
        </Button>
      </span>
    </form>
  </>
)
