import type { Metadata } from "next"
import Link from "next/link"
import type { ReactNode } from "react"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { FieldTable, TooLargeToShow } from "@/components/field-table"
import { Badge } from "@/components/ui/badge"
import { ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { CopyButton } from "@/components/ui/copy-button"
import { Disclosure } from "@/components/ui/disclosure"
import { Time } from "@/components/ui/time"
import { VersionTypesTabs } from "@/components/version-types"
import { setUpStateOf } from "@/lib/predictions/set-up"
import { fieldsIn } from "@/lib/versions/form"
import { allTypes } from "@/lib/versions/types"
import { writtenSchema } from "@/lib/versions/written-schema"
import { ModelHeader } from "../../model-header"
import { ModelTabs } from "../../model-tabs"
import { loadModelPage } from "../../load-model-page"
import { TrainsOnly } from "../../trains-only"
import { bytesInWords, shortId, loadVersion } from "../load-version"
import { SetUpFailure, SetUpRetried } from "./set-up-failure"
import { TryVersion } from "./try-version"
import { DeleteVersionForm } from "./delete-version-form"

type Props = {
  params: Promise<{ owner: string; name: string; id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { owner, name, id } = await params
  const [page, version] = [
    await loadModelPage(owner, name, `/versions/${encodeURIComponent(id)}`),
    await loadVersion(owner, name, id),
  ]
  if (!page || !version) return nothingHere
  return {
    title: `${owner}/${name} ${shortId(id)}`,
    ...(page.model.visibility === "private" && { robots: { index: false } }),
  }
}

export default async function VersionPage({ params, searchParams }: Props) {
  const { owner, name, id } = await params
  const [page, version] = [
    await loadModelPage(owner, name, `/versions/${encodeURIComponent(id)}`),
    await loadVersion(owner, name, id),
  ]
  if (!page || !version) return <NothingHere />
  const { model, hardware, mine, origin, viewer } = page
  const { form } = version
  const shown = form.trains_only ? form.training! : form
  const parts = fieldsIn(shown.output)
  const base = `/${owner}/${name}`
  const host = origin.replace(/^https?:\/\//, "")
  const latest = model.latest_version?.id
  const setUp = mine ? await setUpStateOf(version.model_id, id) : null

  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs
        base={base}
        current="versions"
        hasVersions={page.model.latest_version !== null}
        trains={page.trains}
        mine={page.mine}
      />
      <div className="mb-6 flex flex-wrap items-center gap-2">
        <h2 className="font-mono text-lg font-medium">{shortId(id)}</h2>
        <CopyButton text={id} label="Copy full ID" />
        {id === latest && <Badge tone="accent">latest version</Badge>}
        {version.aliases.map((alias) => (
          <Badge key={alias}>{alias}</Badge>
        ))}
        {!form.trains_only && (
          <ButtonLink
            href={`/deployments/create?model=${model.owner}/${model.name}&version=${id}`}
            prefetch={false}
            size="sm"
            className="sm:ml-auto"
          >
            Deploy
          </ButtonLink>
        )}
      </div>
      {setUp &&
        (setUp.failures > 0 || setUp.paused ? (
          <SetUpFailure owner={owner} name={name} id={id} state={setUp} />
        ) : (
          (await searchParams).retried !== undefined && <SetUpRetried />
        ))}
      <dl className="mb-10 grid gap-x-8 gap-y-3 sm:grid-cols-2 lg:grid-cols-3">
        <Fact term={version.training ? "Trained" : "Pushed"}>
          <Time iso={version.pushed_at} /> by {version.pushed_by}
        </Fact>
        {version.trainer && (
          <Fact term="Trainer">
            <Link href={trainerPath(version.trainer)} className="link font-mono text-sm wrap-anywhere">
              {version.trainer.split(":")[0]}
            </Link>
          </Fact>
        )}
        {version.training && mine && (
          <Fact term="Training">
            <Link href={`/trainings/${version.training}`} className="link font-mono text-sm">
              {version.training.slice(0, 10)}
            </Link>
          </Fact>
        )}
        <Fact term="Commit">
          {version.revision ? <code className="wrap-anywhere">{version.revision}</code> : "not specified"}
        </Fact>
        <Fact term="Cog">{version.cog_version ?? "not specified"}</Fact>
        <Fact term="Size">
          {version.size === null
            ? "unknown"
            : `${bytesInWords(version.size)} in ${version.layers} ${version.layers === 1 ? "layer" : "layers"}`}
        </Fact>
        <Fact term="Built for">{version.builtFor}</Fact>
        {latest && latest !== id && (
          <Fact term="Changes since">
            <Link href={`${base}/versions/compare?from=${id}&to=${latest}`} className="link">
              compare with latest
            </Link>
          </Fact>
        )}
      </dl>

      {viewer && !form.trains_only && <TryVersion owner={owner} name={name} id={id} />}
      {form.trains_only && <TrainsOnly />}
      <div className="mb-10">
        <h2 className="mb-3">{form.trains_only ? "Training inputs" : "Inputs"}</h2>
        {form.too_large ? (
          <TooLargeToShow />
        ) : shown.inputs.length > 0 ? (
          <FieldTable label={form.trains_only ? "Training inputs" : "Inputs"} fields={shown.inputs} />
        ) : (
          <p className="text-muted">No inputs.</p>
        )}
      </div>
      <section aria-labelledby="gives" className="mb-10">
        <h2 id="gives" className="mb-3">
          {form.trains_only ? "Training output" : "Output"}
        </h2>
        <p className="mb-3">
          <strong className="font-semibold">{capitalized(shown.output.type)}</strong>
          <span className="text-muted">, {shown.output.arrives}.</span>
        </p>
        {parts.length > 0 && <FieldTable label="Output fields" fields={parts} given={false} />}
      </section>
      <section aria-labelledby="image" className="mb-10 grid max-w-3xl gap-3">
        <h2 id="image">Image</h2>
        {version.size !== null && (
          <CodeBlock label="Pull this version" code={`docker pull ${host}/${model.owner}/${model.name}@sha256:${id}`} />
        )}
        {version.labels.length > 0 && (
          <Disclosure summary="Labels">
            <dl className="grid gap-2 text-sm">
              {version.labels.map(([label, value]) => (
                <div key={label}>
                  <dt className="font-mono text-xs text-muted">{label}</dt>
                  <dd className="wrap-anywhere">{value}</dd>
                </div>
              ))}
            </dl>
          </Disclosure>
        )}
        {version.schema && (
          <Disclosure summary="Schema">
            <CodeBlock label="OpenAPI schema" code={writtenSchema(version.schema)} />
          </Disclosure>
        )}
        {version.schema && (
          <Disclosure summary="Types">
            <VersionTypesTabs types={allTypes(form, model.owner, model.name, id)} />
          </Disclosure>
        )}
      </section>
      {mine && (
        <DeleteVersionForm owner={owner} name={name} id={id} blockers={version.blockers} aliases={version.aliases} />
      )}
    </>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** The path of the page of "owner/name:id". */
const trainerPath = (trainer: string) => `/${trainer.replace(":", "/versions/")}`

const capitalized = (text: string) => text[0]!.toUpperCase() + text.slice(1)
