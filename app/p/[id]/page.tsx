import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"
import { cache, type ReactNode } from "react"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { FormKey } from "@/components/form-key"
import { CodeTabs } from "@/components/run/code-tabs"
import { InputView } from "@/components/run/input-view"
import { LeftOut } from "@/components/run/left-out"
import { jsonText } from "@/components/run/json-text"
import { PredictionView } from "@/components/run/prediction-view"
import { ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { findBatchOfPrediction } from "@/lib/batches/batch"
import { newFormKey, nullIfUnavailable, param, currentOrigin } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"
import { canEdit } from "@/lib/models/policy"
import { getModel } from "@/lib/models/model"
import { usernamesOf } from "@/lib/owners/owner"
import { isExample } from "@/lib/predictions/example"
import { getFitting } from "@/lib/predictions/fitting"
import { presentPrediction, webPath } from "@/lib/predictions/present"
import { findProgress } from "@/lib/predictions/progress"
import type { Prediction } from "@/lib/predictions/row"
import { findOwnShare, getShared, previewShare } from "@/lib/predictions/share"
import { isOver } from "@/lib/predictions/status"
import { findSeenToken } from "@/lib/tokens/token"
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

/** Once per request, for the page and its metadata. */
const loadPrediction = cache(async (id: string) => nullIfUnavailable(getFitting(await currentActor(), id)))
const loadShared = cache((id: string, secret: string) => nullIfUnavailable(getShared(id, secret)))

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { id } = await params
  const secret = param((await searchParams).share)
  if (secret !== undefined && (await loadShared(id, secret)))
    return { title: "Shared prediction", robots: { index: false }, referrer: "no-referrer" }
  const prediction = await loadPrediction(id)
  return prediction ? { title: `Prediction ${id}`, robots: { index: false } } : nothingHere
}

export default async function PredictionPage({ params, searchParams }: Props) {
  const { id } = await params
  const secret = param((await searchParams).share)
  const open = secret === undefined ? null : await loadShared(id, secret)
  if (open) return <Shared {...open} />
  const actor = await currentActor()
  const preview = param((await searchParams).preview)
  if (preview !== undefined) return <Preview actor={actor} id={id} hides_input={preview === "output"} />
  const prediction = await loadPrediction(id)
  if (!prediction) return <NothingHere />
  if (prediction.operation === "train") redirect(webPath(prediction))
  const origin = await currentOrigin()
  const body = presentPrediction(prediction, origin)
  const { large } = prediction
  const [owner, name] = prediction.model.split("/") as [string, string]
  const form = (await nullIfUnavailable(getForm(actor, owner, name, prediction.version))) ?? noForm
  const mine = may(actor, "run", prediction.owner_id)
  const maker = mine ? (await usernamesOf([prediction.created_by])).get(prediction.created_by) : undefined
  const progress = await findProgress(actor, prediction)
  const model = await nullIfUnavailable(getModel(actor, owner, name))
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
        className={mine ? "mb-4" : "mb-6"}
      />
      {mine && <Origin actor={actor} prediction={prediction} />}
      <div className="mb-8 flex flex-wrap gap-3">
        {mine && !prediction.data_removed && (
          <Change id={id} change="again" label="Run again" formKey={await newFormKey()} />
        )}
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
          <span>. To keep them longer, press Keep.</span>
        </p>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-2">
        <Section id="input" title="Input">
          {body.data_removed ? (
            <p className="text-muted">Removed.</p>
          ) : large.input ? (
            <LeftOut id={id}>The input is too large to show here.</LeftOut>
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
            key={String(body.data_removed)}
            initial={{ ...body, input: {} }}
            output={{ arrives: form.output.arrives }}
            progress={progress}
            isCut={large.output}
          />
        </Section>
      </div>
      {!body.data_removed && (
        <div className="mt-10 max-w-3xl">
          <Section id="code" title="As code">
            {large.input ? (
              <p className="text-muted">The input is too large to be shown as code.</p>
            ) : (
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
            )}
          </Section>
        </div>
      )}
      {mine && isOver(prediction.status) && !prediction.data_removed && (
        <ShareSection
          id={id}
          share={await findOwnShare(actor, prediction)}
          origin={origin}
          personal={prediction.owner_id === actor?.owner_id}
        />
      )}
    </>
  )
}

async function Shared({ prediction, share }: Awaited<ReturnType<typeof getShared>>) {
  return (
    <SharedPrediction
      prediction={presentPrediction(prediction, await currentOrigin())}
      output={{ arrives: arrivalOf(prediction) }}
      hidesInput={share.hides_input}
      large={prediction.large}
      expires_at={share.expires_at}
    />
  )
}

/** A preview of what others would see with a share link. */
async function Preview({ actor, id, hides_input }: { actor: Actor | null; id: string; hides_input: boolean }) {
  const prediction = await nullIfUnavailable(previewShare(actor, id, hides_input))
  if (!prediction) return <NothingHere />
  return (
    <>
      <Notice kind="info" title="Preview" className="mb-8">
        <p className="mb-1">Nobody else can see this yet. With a link, this is what they see.</p>
        <p className="flex flex-wrap gap-x-6">
          <a
            href={`/p/${id}?preview=${hides_input ? "all" : "output"}`}
            className="link inline-flex min-h-8 items-center"
          >
            {hides_input ? "Show it with the input" : "Show it without the input"}
          </a>
          <a href={`/p/${id}#share`} className="link inline-flex min-h-8 items-center">
            Back to the prediction
          </a>
        </p>
      </Notice>
      <SharedPrediction
        prediction={presentPrediction(prediction, await currentOrigin())}
        output={{ arrives: arrivalOf(prediction) }}
        hidesInput={hides_input}
        large={prediction.large}
        expires_at={null}
      />
    </>
  )
}

/** The token, batch and deployment that a prediction belongs to. */
async function Origin({ actor, prediction }: { actor: Actor | null; prediction: Prediction }) {
  const { token_id, deployment } = prediction
  const [token, batch] = await Promise.all([
    token_id === null ? null : findSeenToken(actor, token_id),
    findBatchOfPrediction(actor, prediction),
  ])
  if (!token && !batch && !deployment) return null
  return (
    <dl className="mb-6 flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {token && (
        <Fact name="API token">
          <Link href={`/predictions?token=${token.id}`} className="link">
            {token.name}
          </Link>
          {token.revoked_at && <span className="text-muted">, revoked</span>}
        </Fact>
      )}
      {batch && (
        <Fact name={batch.kind === "trial" ? "Trial" : "Batch"}>
          <Link href={`/batches/${batch.id}`} className="link font-mono">
            {batch.id.slice(0, 12)}
          </Link>
          <span className="text-muted">{`, input ${batch.place + 1} of ${batch.total}`}</span>
        </Fact>
      )}
      {deployment && (
        <Fact name="Deployment">
          <Link href={`/deployments/${deployment}`} className="link font-mono wrap-anywhere">
            {deployment}
          </Link>
        </Fact>
      )}
    </dl>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="flex min-h-6 flex-wrap items-center gap-x-1.5">
    <dt className="text-muted">{`${name}:`}</dt>
    <dd>{children}</dd>
  </div>
)

/** How the output arrived, judged without the schema, which the viewer may not be allowed to see. */
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

type ChangeProps = { id: string; change: string; label: string; formKey?: string }

const Change = ({ id, change, label, formKey }: ChangeProps) => (
  <ActionForm action={changePredictionAction} className="flex flex-wrap gap-2">
    {formKey && <FormKey value={formKey} />}
    <input type="hidden" name="id" value={id} />
    <input type="hidden" name="change" value={change} />
    <SubmitButton>{label}</SubmitButton>
  </ActionForm>
)
