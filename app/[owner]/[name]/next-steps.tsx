import Link from "next/link"
import type { ReactNode } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Tabs } from "@/components/ui/tabs"
import type { ModelSummary } from "@/lib/models/present"
import { readSnippets } from "@/lib/models/snippets"
import { installSnippets, needsTls, pushSnippets, runSnippet, workflowSnippet } from "@/lib/registry/snippets"
import { FirstStep } from "./first-step"
import { PushChecklist } from "./push-checklist"
import { PushTokenForm } from "./push-token-form"

/** How to push the first version, with this model's own names filled in. */
export function NextSteps({ model, origin, gpu }: { model: ModelSummary; origin: string; gpu: boolean }) {
  const registry = origin.replace(/^https?:\/\//, "")
  const ref = `${model.owner}/${model.name}`

  return (
    <>
      <section aria-labelledby="next-steps">
        <h2 id="next-steps">Push the first version</h2>
        <p className="mt-1 mb-6 max-w-2xl text-muted">
          A model runs the image you push to it.
          <span className="noscript:hidden"> Steps are checked off as your push arrives.</span>
        </p>
        <ol className="rounded-xl border border-line bg-surface">
          <FirstStep step="install" lead="Cog packages your code into a Docker image.">
            <Framed>
              <Tabs
                label="Operating system"
                tabs={installSnippets.map(({ id, label, code }) => ({
                  id,
                  label,
                  panel: <CodeBlock flush label={`Install on ${label}`} code={code} />,
                }))}
              />
            </Framed>
          </FirstStep>
          <FirstStep
            step="code"
            lead="A folder with a cog.yaml file, which lists dependencies and names your predictor class."
          >
            <Framed>
              <Tabs
                label="Source of the code"
                tabs={[
                  {
                    id: "new",
                    label: "New project",
                    panel: (
                      <CodeBlock
                        flush
                        label="Start a project"
                        code={`mkdir ${model.name} && cd ${model.name}\ncog init`}
                      />
                    ),
                  },
                  {
                    id: "existing",
                    label: "Existing project",
                    panel: <CodeBlock flush label="Build a project" code={`cd ${model.name}\ncog build`} />,
                  },
                  {
                    id: "github",
                    label: "From GitHub",
                    panel: (
                      <>
                        <CodeBlock flush label="The workflow" code={workflowSnippet(registry, model.owner, ref)} />
                        <p className="border-t border-line px-4 py-3 text-sm text-muted">
                          Commit it as <code>.github/workflows/push.yml</code>and store the token from the next step as
                          the repository secret <code>UNDERSTUDY_TOKEN</code>.
                        </p>
                      </>
                    ),
                  },
                ]}
              />
            </Framed>
          </FirstStep>
          <FirstStep step="login" lead="With your username and a token that can only push to and pull from this model.">
            <PushTokenForm owner={model.owner} name={model.name} host={registry} />
            {needsTls(origin) && (
              <p className="text-sm text-muted">
                Docker and Cog connect to {registry} only over TLS: use a reverse proxy with a certificate, or add it to
                Docker’s insecure registries.
              </p>
            )}
          </FirstStep>
          <FirstStep step="push" lead="In the project folder. The first push takes longest.">
            <CodeBlock label="Push to this model" code={pushSnippets(registry, ref)[0]!.code} />
            <PushChecklist owner={model.owner} name={model.name} />
            <Disclosure summary="With Docker or skopeo">
              <div className="grid gap-3">
                {pushSnippets(registry, ref)
                  .slice(1)
                  .map(({ label, code }) => (
                    <CodeBlock key={label} title={label} code={code} />
                  ))}
              </div>
            </Disclosure>
          </FirstStep>
          <FirstStep
            step="run"
            lead="After the push, anyone with access can run the image. Its inputs will be listed here."
          >
            <CodeBlock label="A first run" code={runSnippet(`${registry}/${ref}`, gpu)} />
          </FirstStep>
        </ol>
      </section>
      <section aria-labelledby="over-rest" className="mt-10 grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-3">
        <h2 id="over-rest">With the API</h2>
        <p className="text-sm text-muted">
          The model is already available over the API; the{" "}
          <Link href={`/${ref}/api`} className="link">
            API tab
          </Link>{" "}
          has snippets for JavaScript, Python and the command line.
        </p>
        <CodeBlock label="Read this model with cURL" code={readSnippets(origin, model.owner, model.name)[0]!.code} />
      </section>
    </>
  )
}

const Framed = ({ children }: { children: ReactNode }) => (
  <div className="overflow-hidden rounded-lg border border-line">{children}</div>
)
