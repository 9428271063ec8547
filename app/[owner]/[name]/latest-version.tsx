import Link from "next/link"

import { FieldTable, TooLargeToShow } from "@/components/field-table"
import { ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { shellQuoted } from "@/lib/models/snippets"
import type { ModelSummary } from "@/lib/models/present"
import { newFormKey } from "@/lib/next/page"
import { pushSnippets, runSnippet, workflowSnippet } from "@/lib/registry/snippets"
import { exampleInput, type Form } from "@/lib/versions/form"
import type { Pushing } from "./load-model-page"
import { PulledNote } from "./pulled-note"
import { PushChecklist } from "./push-checklist"
import { PushTokenForm } from "./push-token-form"
import { TrainsOnly } from "./trains-only"

/** Inputs and outputs of the latest version, how to run it, and, for those who may, how to push the next one. */
export async function LatestVersion({
  model,
  form,
  origin,
  pushing,
  gpu,
}: {
  model: ModelSummary
  form: Form
  origin: string
  /** What the viewer needs to push; null if they may not. */
  pushing: Pushing | null
  gpu: boolean
}) {
  const version = model.latest_version!
  const ref = `${model.owner}/${model.name}`
  const host = origin.replace(/^https?:\/\//, "")
  const { inputs, output } = form.trains_only ? form.training! : form

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
      <div>
        {form.trains_only && <TrainsOnly />}
        <div className="mb-3 flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
          <div>
            <h2 className="mb-1">{form.trains_only ? "Training inputs" : "Inputs"}</h2>
            <p className="text-sm text-muted">
              Latest version:{" "}
              <Link href={`/${ref}/versions/${version.id}`} className="link font-mono">
                {version.id.slice(0, 12)}
              </Link>
              .
            </p>
          </div>
          {!form.trains_only && (
            <ButtonLink href={`/deployments/create?model=${ref}`} prefetch={false} size="sm">
              Deploy
            </ButtonLink>
          )}
        </div>
        {form.too_large ? (
          <TooLargeToShow />
        ) : inputs.length > 0 ? (
          <FieldTable label={form.trains_only ? "Training inputs" : "Inputs"} fields={inputs} />
        ) : (
          <p className="text-muted">No inputs.</p>
        )}
      </div>
      <section aria-labelledby="gives">
        <h2 id="gives" className="mb-1">
          {form.trains_only ? "Training output" : "Output"}
        </h2>
        <p>
          {output.type[0]!.toUpperCase() + output.type.slice(1)}
          <span className="text-muted">, {output.arrives}.</span>
        </p>
      </section>
      {!form.trains_only && (
        <section aria-labelledby="run" className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-3">
          <h2 id="run">Run</h2>
          <p className="text-sm text-muted">On your own machine with Docker. The model server listens on port 5000.</p>
          <CodeBlock
            label="Run this version"
            code={runSnippet(
              {
                reference: `${host}/${ref}@sha256:${version.id}`,
                gpu,
                login: model.visibility === "private" ? { host, account: model.owner } : null,
              },
              shellQuoted(JSON.stringify({ input: exampleInput(inputs) })),
            )}
          />
          {pushing && <PulledNote pulled={pushing.pulled} />}
        </section>
      )}
      {pushing && (
        <Disclosure summary="Push the next version">
          <div className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-3">
            <PushTokenForm
              owner={model.owner}
              name={model.name}
              host={host}
              formKey={await newFormKey()}
              refused={pushing.refused}
              exists={pushing.hasToken}
            />
            <CodeBlock label="Push to this model" code={pushSnippets(host, ref)[0]!.code} />
            <PushChecklist owner={model.owner} name={model.name} />
            <CodeBlock title=".github/workflows/push.yml" code={workflowSnippet(host, model.owner, ref)} />
          </div>
        </Disclosure>
      )}
    </div>
  )
}
