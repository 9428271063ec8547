import type { Metadata } from "next"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { Pager } from "@/components/pager"
import { InputView } from "@/components/run/input-view"
import { OutputView } from "@/components/run/output"
import { Badge } from "@/components/ui/badge"
import { ButtonLink } from "@/components/ui/button"
import { Disclosure } from "@/components/ui/disclosure"
import { EmptyState } from "@/components/ui/empty-state"
import { Field, TextInput } from "@/components/ui/field"
import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable, param } from "@/lib/next/page"
import { findModelExample, listExamples } from "@/lib/predictions/example"
import { presentPrediction } from "@/lib/predictions/present"
import { latestForm, loadModelPage } from "../load-model-page"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { changeExamplesAction } from "./actions"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/examples")
  if (!page) return nothingHere
  return {
    title: `Examples · ${owner}/${name}`,
    ...(page.model.visibility === "private" && { robots: { index: false } }),
  }
}

export default async function ExamplesPage({ params, searchParams }: Props) {
  const [{ owner, name }, query] = await Promise.all([params, searchParams])
  const page = await loadModelPage(owner, name, "/examples")
  if (!page) return <NothingHere />
  const { model, hardware, mine, origin } = page
  const base = `/${owner}/${name}`
  const actor = await currentActor()
  const cursor = param(query.cursor)
  const [found, chosen, form] = await Promise.all([
    nullIfUnavailable(listExamples(actor, owner, name, cursor)),
    findModelExample(actor, owner, name),
    latestForm(model),
  ])
  if (!found) return <NothingHere />
  const shown = found.rows.map((row) => presentPrediction(row, origin))

  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs
        base={base}
        current="examples"
        hasVersions={model.latest_version !== null}
        trains={page.trains}
        mine={mine}
      />
      <h2 className="sr-only">Examples</h2>
      {shown.length === 0 ? (
        <EmptyState
          title="No examples yet"
          action={model.latest_version && <ButtonLink href={`${base}/playground`}>Open the playground</ButtonLink>}
        >
          <p>
            {mine
              ? "Run the model, open the page of a run and add it as an example."
              : `${owner} has not added any runs as examples.`}
          </p>
        </EmptyState>
      ) : (
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-6">
          {shown.map((example, at) => (
            <li key={example.id} className="rounded-xl border border-line bg-surface">
              <article aria-labelledby={`example-${example.id}`}>
                <header className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-5 py-3">
                  <h3 id={`example-${example.id}`} className="flex items-center gap-2 text-base">
                    <span>{`Example ${cursor ? "" : at + 1}`.trim()}</span>
                    {example.id === chosen?.id && <Badge tone="accent">default</Badge>}
                  </h3>
                  <ButtonLink size="sm" href={`${base}/playground?prediction=${example.id}`}>
                    Try it
                  </ButtonLink>
                </header>
                <div className="grid grid-cols-[minmax(0,1fr)] gap-6 p-5 md:grid-cols-2">
                  <div className="min-w-0">
                    <h4 className="mb-2 text-sm font-semibold text-muted">Input</h4>
                    <InputView input={example.input} />
                  </div>
                  <div className="min-w-0">
                    <h4 className="mb-2 text-sm font-semibold text-muted">Output</h4>
                    <OutputView value={example.output} shape={{ arrives: form.output.arrives }} growing={false} />
                    {example.metrics?.predict_time !== undefined && (
                      <p className="mt-2 text-sm text-muted">{`Ran ${example.metrics.predict_time.toFixed(1)} s`}</p>
                    )}
                  </div>
                </div>
                {mine && (
                  <ActionForm
                    action={changeExamplesAction}
                    className="flex flex-wrap gap-2 border-t border-line px-5 py-3"
                  >
                    <input type="hidden" name="owner" value={owner} />
                    <input type="hidden" name="name" value={name} />
                    <input type="hidden" name="id" value={example.id} />
                    <Change change="up" of={at + 1} label="Move up" />
                    <Change change="down" of={at + 1} label="Move down" />
                    {example.id !== chosen?.id && <Change change="default" of={at + 1} label="Make default" />}
                    <Change change="remove" of={at + 1} label="Remove" />
                  </ActionForm>
                )}
              </article>
            </li>
          ))}
        </ol>
      )}
      <Pager
        previous={cursor ? `${base}/examples` : null}
        next={found.next && `${base}/examples?cursor=${encodeURIComponent(found.next)}`}
        labels={{ previous: "First", next: "More" }}
      />
      {mine && model.latest_version && (
        <Disclosure summary="Add a run" className="mt-8">
          <ActionForm action={changeExamplesAction} className="flex max-w-2xl flex-wrap items-end gap-3">
            <input type="hidden" name="owner" value={owner} />
            <input type="hidden" name="name" value={name} />
            <Field label="Run" hint="The address or ID of a run of this model that succeeded." className="grow">
              {(control) => <TextInput {...control} name="id" required autoComplete="off" mono />}
            </Field>
            <SubmitButton name="change" value="add">
              Add example
            </SubmitButton>
          </ActionForm>
          <p className="mt-2 text-sm text-muted">
            Everybody who can see the model can see its examples, inputs included. Their data does not expire.
          </p>
        </Disclosure>
      )}
    </>
  )
}

const Change = ({ change, of, label }: { change: string; of: number; label: string }) => (
  <SubmitButton size="sm" variant="quiet" name="change" value={change} aria-label={`${label}: example ${of}`}>
    {label}
  </SubmitButton>
)
