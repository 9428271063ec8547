import type { Metadata } from "next"
import Link from "next/link"

import { FieldTable, TooLargeToShow } from "@/components/field-table"
import { CodeTabs } from "@/components/run/code-tabs"
import { CodeBlock } from "@/components/ui/code-block"
import { Tabs } from "@/components/ui/tabs"
import { createSnippets, readSnippets, type Snippet } from "@/lib/models/snippets"
import { currentActor } from "@/lib/next/session"
import { findModelExample } from "@/lib/predictions/example"
import { presentPrediction } from "@/lib/predictions/present"
import { findPullable } from "@/lib/registry/pullable"
import { exampleInput } from "@/lib/versions/form"
import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { latestForm, loadModelPage } from "../load-model-page"

type Props = { params: Promise<{ owner: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/api")
  if (!page) return nothingHere
  const { model } = page
  return {
    title: `API · ${model.owner}/${model.name}`,
    robots: model.visibility === "private" ? { index: false } : undefined,
  }
}

export default async function ModelApiPage({ params }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/api")
  if (!page) return <NothingHere />
  const { model, hardware, mine, viewer, origin } = page
  // Only an organization's own token creates models for it.
  const isShared = mine && viewer !== model.owner
  const actor = await currentActor()
  const form = await latestForm(model)
  const chosen = await findModelExample(actor, owner, name)
  const example = chosen && presentPrediction(chosen, origin)

  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs
        base={`/${owner}/${name}`}
        current="api"
        hasVersions={model.latest_version !== null}
        trains={page.trains}
        mine={mine}
      />
      <div className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-10">
        <section aria-labelledby="token">
          <h2 id="token">Set your token</h2>
          <p className="mt-1 mb-3 text-muted">
            <span>The snippets read it from the environment, as the official clients do. </span>
            {isShared ? (
              <span>
                Use a token of {model.owner}: see its{" "}
                <Link href={`/organizations/${model.owner}/tokens`} className="link">
                  API tokens
                </Link>
                .
              </span>
            ) : (
              <span>
                Create one under{" "}
                <Link href="/account/api-tokens" className="link">
                  API tokens
                </Link>
                .
              </span>
            )}
          </p>
          <CodeBlock label="The token in a shell" code="export REPLICATE_API_TOKEN=us_…" />
        </section>
        {model.latest_version && !form.trains_only && (
          <>
            <section aria-labelledby="run">
              <h2 id="run">Run it</h2>
              <p className="mt-1 mb-3 text-muted">
                {example
                  ? "With the input of the default example. "
                  : "With placeholder values for all required inputs. "}
                <Link href={`/${owner}/${name}/playground`} className="link">
                  The playground
                </Link>{" "}
                shows the code of any other input.
              </p>
              <CodeTabs
                label="Run it in"
                run={{
                  origin,
                  model: `${owner}/${name}`,
                  version: model.latest_version.id,
                  input: example?.input ?? exampleInput(form.inputs),
                  secrets: form.inputs.filter(({ kind }) => kind === "secret").map((field) => field.name),
                  streams: form.output.arrives !== "at once",
                  image: await findPullable(actor, owner, name, model.latest_version.id, origin),
                }}
              />
            </section>
            <section aria-labelledby="inputs">
              <h2 id="inputs" className="mb-3">
                Inputs
              </h2>
              {form.too_large ? (
                <TooLargeToShow />
              ) : form.inputs.length > 0 ? (
                <FieldTable label="Inputs of the latest version" fields={form.inputs} />
              ) : (
                <p className="text-muted">No inputs.</p>
              )}
              <p className="mt-3">
                <span>{`Output: ${form.output.type}`}</span>
                <span className="text-muted">{`, ${form.output.arrives}.`}</span>
              </p>
            </section>
          </>
        )}
        <SnippetSection
          id="read"
          title="Read this model"
          lead="Returns the model and its latest version."
          snippets={readSnippets(origin, model.owner, model.name)}
        />
        <SnippetSection
          id="create"
          title="Create a model like this"
          lead="The request that the create page sends, with a new name."
          snippets={createSnippets(origin, {
            owner: mine ? model.owner : (viewer ?? model.owner),
            name: `${model.name.slice(0, 96)}-2`,
            visibility: model.visibility,
            hardware: hardware?.sku ?? "cpu",
            description: model.description ?? "",
          })}
        />
      </div>
    </>
  )
}

function SnippetSection({
  id,
  title,
  lead,
  snippets,
}: {
  id: string
  title: string
  lead: string
  snippets: Snippet[]
}) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="mt-1 mb-3 text-muted">{lead}</p>
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <Tabs
          label={`${title} in`}
          tabs={snippets.map(({ id, label, code }) => ({
            id,
            label,
            panel: <CodeBlock flush code={code} label={`${title} with ${label}`} />,
          }))}
        />
      </div>
    </section>
  )
}
