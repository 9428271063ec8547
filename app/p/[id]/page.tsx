import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"
import type { ReactNode } from "react"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { CodeTabs } from "@/components/run/code-tabs"
import { InputView } from "@/components/run/input-view"
import { jsonText } from "@/components/run/json-text"
import { PredictionView } from "@/components/run/prediction-view"
import { ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { may } from "@/lib/access/policy"
import { nullIfMissing, param, siteOrigin } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"
import { canEdit } from "@/lib/models/policy"
import { getModel } from "@/lib/models/model"
import { usernamesOf } from "@/lib/owners/owner"
import { isExample } from "@/lib/predictions/example"
import { getPrediction } from "@/lib/predictions/prediction"
import { presentPrediction, webPath } from "@/lib/predictions/present"
import { findProgress } from "@/lib/predictions/progress"
import type { Prediction } from "@/lib/predictions/row"
import { findOwnShare, getShared } from "@/lib/predictions/share"
import { isOver } from "@/lib/predictions/status"
import { findPullable } from "@/lib/registry/pullable"
import { noForm } from "@/lib/versions/form"
import { getForm } from "@/lib/versions/version"
import { changeExamplesAction } from "@/app/[owner]/[name]/examples/actions"
import { changePredictionAction } from "./actions"
import { ShareSection } from "./share-section"
import { SharedPrediction } from "./shared-prediction"

type Props = {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { id } = await params
  const secret = param((await searchParams).share)
  if (secret !== undefined && (await nullIfMissing(getShared(id, secret))))
    return { title: "Shared prediction", robots: { index: false }, referrer: "no-referrer" }
  const prediction = await nullIfMissing(getPrediction(await currentActor(), id))
  return prediction ? { title: `Prediction ${id}`, robots: { index: false } } : nothingHere
}

export default async function PredictionPage({ params, searchParams }: Props) {
  const { id } = await params
  const secret = param((await searchParams).share)
  const open = secret === undefined ? null : await nullIfMissing(getShared(id, secret))
  if (open) return <Shared {...open} />
  const actor = await currentActor()
  const prediction = await nullIfMissing(getPrediction(actor, id))
  if (!prediction) return <NothingHere />
  if (prediction.operation === "train") redirect(webPath(prediction))
  const origin = await siteOrigin()
  const body = presentPrediction(prediction, origin)
  const [owner, name] = prediction.model.split("/") as [string, string]
  const form = (await nullIfMissing(getForm(actor, owner, name, prediction.version))) ?? noForm
  const mine = may(actor, "run", prediction.owner_id)
  const maker = mine ? (await usernamesOf([prediction.created_by])).get(prediction.created_by) : undefined
  const progress = await findProgress(actor, prediction)
  const model = await nullIfMissing(getModel(actor, owner, name))
  const editable = mine && model !== null && canEdit(actor, model)
  const shownAsExample = editable && (await isExample(prediction))

  return (
    <>
      <PageHeader
        title="Prediction"
        lead={
          <>
            <Link href={`/${prediction.model}`} className="link font-mono">
              {prediction.model}
            </Link>
            <span>, version </span>
            <Link href={`/${prediction.model}/versions/${prediction.version}`} className="link font-mono">
              {prediction.version.slice(0, 12)}
            </Link>
            <span>{`, ${body.source === "web" ? "run in the browser" : "created with the API"} `}</span>
            <Time iso={prediction.created_at} />
            {maker && <span>{` by ${maker}`}</span>}
          </>
        }
        className="mb-6"
      />
      <div className="mb-8 flex flex-wrap gap-3">
        {mine && !prediction.data_removed && <Change id={id} change="again" label="Run again" />}
        <ButtonLink href={`/${prediction.model}/playground?prediction=${id}`} variant="secondary">
          Tweak it
        </ButtonLink>
        {mine && !isOver(prediction.status) && <Change id={id} change="cancel" label="Cancel" />}
        {mine && isOver(prediction.status) && !prediction.data_removed && (
          <>
            <Change
              id={id}
              change={prediction.kept ? "release" : "keep"}
              label={prediction.kept ? "Do not keep" : "Keep"}
            />
            <Change id={id} change="delete" label="Delete data" />
          </>
        )}
        {editable && prediction.status === "succeeded" && !prediction.data_removed && (
          <ActionForm action={changeExamplesAction} className="flex flex-wrap gap-2">
            <input type="hidden" name="owner" value={owner} />
            <input type="hidden" name="name" value={name} />
            <input type="hidden" name="id" value={id} />
            <SubmitButton name="change" value={shownAsExample ? "remove" : "add"}>
              {shownAsExample ? "Remove from examples" : "Add to examples"}
            </SubmitButton>
          </ActionForm>
        )}
      </div>
      {mine && prediction.expires_at && !prediction.kept && !prediction.data_removed && (
        <p className="mb-6 text-sm text-muted">
          <span>Input, output and logs are removed on </span>
          <time dateTime={prediction.expires_at}>{`${prediction.expires_at.slice(0, 16).replace("T", " ")} UTC`}</time>
          <span>. Keep them to have them longer.</span>
        </p>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-2">
        <Section id="input" title="Input">
          {body.data_removed ? (
            <p className="text-muted">Removed.</p>
          ) : (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
              <InputView input={body.input} />
              <Disclosure summary="Input as JSON">
                <CodeBlock label="The input as JSON" wrap code={jsonText(body.input, 2)} />
              </Disclosure>
            </div>
          )}
        </Section>
        <Section id="output" title="Output">
          <PredictionView
            key={`${body.status} ${body.data_removed}`}
            initial={body}
            output={{ arrives: form.output.arrives }}
            progress={progress}
          />
        </Section>
      </div>
      {!body.data_removed && (
        <div className="mt-10 max-w-3xl">
          <Section id="code" title="As code">
            <CodeTabs
              run={{
                origin,
                model: prediction.model,
                version: prediction.version,
                input: body.input,
                secrets: prediction.secrets ?? [],
                streams: prediction.streams !== null,
                image: await findPullable(actor, owner, name, prediction.version, origin),
              }}
            />
          </Section>
        </div>
      )}
      {mine && isOver(prediction.status) && !prediction.data_removed && (
        <ShareSection id={id} share={await findOwnShare(actor, prediction)} origin={origin} />
      )}
    </>
  )
}

async function Shared({ prediction, share }: Awaited<ReturnType<typeof getShared>>) {
  return (
    <SharedPrediction
      prediction={presentPrediction(prediction, await siteOrigin())}
      output={{ arrives: arrivalOf(prediction) }}
      hidesInput={share.hides_input}
      expires_at={share.expires_at}
    />
  )
}

/** Of a model that the viewer may not see, its schema is nobody's business. */
const arrivalOf = ({ output, streams }: Prediction) =>
  streams === "text" && Array.isArray(output) && output.every((part) => typeof part === "string")
    ? "as growing text"
    : "at once"

const Section = ({ id, title, children }: { id: string; title: string; children: ReactNode }) => (
  <section aria-labelledby={id} className="min-w-0">
    <h2 id={id} className="mb-4">
      {title}
    </h2>
    {children}
  </section>
)

const Change = ({ id, change, label }: { id: string; change: string; label: string }) => (
  <ActionForm action={changePredictionAction} className="flex flex-wrap gap-2">
    <input type="hidden" name="id" value={id} />
    <input type="hidden" name="change" value={change} />
    <SubmitButton>{label}</SubmitButton>
  </ActionForm>
)
