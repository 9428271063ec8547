import type { Metadata } from "next"
import Link from "next/link"

import { FieldTable, TooLargeToShow } from "@/components/field-table"
import { CodeTabs } from "@/components/run/code-tabs"
import { CodeBlock } from "@/components/ui/code-block"
import { Tabs } from "@/components/ui/tabs"
import { VersionTypesTabs } from "@/components/version-types"
import type { Actor } from "@/lib/auth/actor"
import { createSnippets, installSnippets, readSnippets, type Snippet } from "@/lib/models/snippets"
import { currentActor } from "@/lib/next/session"
import { param } from "@/lib/next/page"
import { findModelExample, listExamples } from "@/lib/predictions/example"
import { presentPrediction } from "@/lib/predictions/present"
import { findPullable } from "@/lib/registry/pullable"
import { exampleInput, fieldsIn } from "@/lib/versions/form"
import { allTypes } from "@/lib/versions/types"
import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { latestForm, loadModelPage } from "../load-model-page"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

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

export default async function ModelApiPage({ params, searchParams }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/api")
  if (!page) return <NothingHere />
  const { model, hardware, mine, viewer, origin } = page
  // Only an organization's own token creates models for it.
  const isShared = mine && viewer !== model.owner
  const actor = await currentActor()
  const form = await latestForm(model)
  const { chosen, choices } = await chooseExample(actor, owner, name, param((await searchParams).example))
  const example = chosen && presentPrediction(chosen, origin)
  const parts = fieldsIn(form.output)
  const version = model.latest_version?.id

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
        <SnippetSection
          id="install"
          title="Install a client"
          lead="The official clients work with this server. cURL needs none."
          snippets={installSnippets}
        />
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
                {example ? "With the input of an example. " : "With placeholder values for all required inputs. "}
                <Link href={`/${owner}/${name}/playground`} className="link">
                  The playground
                </Link>{" "}
                shows the code of any other input.
              </p>
              {choices.length > 1 && <ExampleChoice choices={choices} base={`/${owner}/${name}/api`} />}
              <CodeTabs
                key={example?.id}
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
            </section>
            <section aria-labelledby="output">
              <h2 id="output">Output</h2>
              <p className="mt-1 mb-3">
                <span>{form.output.type.replace(/^./, (letter) => letter.toUpperCase())}</span>
                <span className="text-muted">{`, ${form.output.arrives}.`}</span>
              </p>
              {parts.length > 0 && <FieldTable label="Output of the latest version" fields={parts} given={false} />}
            </section>
          </>
        )}
        {version && (
          <section aria-labelledby="types">
            <h2 id="types">Types</h2>
            <p className="mt-1 mb-3 text-muted">
              What the latest version takes and gives, for the editor of your code and for validators.
            </p>
            <VersionTypesTabs types={allTypes(form, model.owner, model.name, version)} />
          </section>
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

type Choice = { label: string; query: string; isChosen: boolean }

/** The examples to choose from, and the chosen one: the one asked for, or else the default. Null without examples. */
async function chooseExample(actor: Actor | null, owner: string, name: string, asked: string | undefined) {
  const usual = await findModelExample(actor, owner, name)
  if (!usual) return { chosen: null, choices: [] }
  const { rows } = await listExamples(actor, owner, name)
  const chosen = asked === "none" ? null : (rows.find(({ id }) => id === asked) ?? usual)
  const choices: Choice[] = [
    ...rows.map((row, at) => ({
      label: row.id === usual.id ? `Example ${at + 1} (default)` : `Example ${at + 1}`,
      query: row.id === usual.id ? "" : `?example=${row.id}`,
      isChosen: row.id === chosen?.id,
    })),
    { label: "Required inputs only", query: "?example=none", isChosen: chosen === null },
  ]
  return { chosen, choices }
}

const ExampleChoice = ({ choices, base }: { choices: Choice[]; base: string }) => (
  <nav aria-label="Input of the code" className="mb-3 flex flex-wrap gap-x-4 gap-y-1 text-sm">
    {choices.map(({ label, query, isChosen }) => (
      <Link
        key={query}
        href={`${base}${query}#run`}
        aria-current={isChosen ? "true" : undefined}
        prefetch={false}
        className="link inline-flex min-h-6 items-center aria-[current]:font-semibold aria-[current]:text-text aria-[current]:no-underline"
      >
        {label}
      </Link>
    ))}
  </nav>
)

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
