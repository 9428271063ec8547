import Link from "next/link"
import type { ReactNode } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Tabs } from "@/components/ui/tabs"
import type { ModelBody } from "@/lib/models/present"
import { readSnippets } from "@/lib/models/snippets"
import { installSnippets, needsTls, pushSnippets, runSnippet, workflowSnippet } from "@/lib/registry/snippets"
import { FirstStep } from "./first-step"
import { PushChecklist } from "./push-checklist"
import { PushTokenForm } from "./push-token-form"

/** How the first version gets here, with this model's own names filled in. */
export function NextSteps({ model, origin, gpu }: { model: ModelBody; origin: string; gpu: boolean }) {
  const registry = origin.replace(/^https?:\/\//, "")
  const ref = `${model.owner}/${model.name}`

  return (
    <>
      <section aria-labelledby="next-steps">
        <h2 id="next-steps">Next: give it a version</h2>
        <p className="mt-1 mb-6 max-w-2xl text-muted">
          A model runs what you push to it.
          <span className="noscript:hidden"> The steps tick themselves as this page hears of them.</span>
        </p>
        <ol className="rounded-xl border border-line bg-surface">
          <FirstStep step="install" lead="Docker builds the image, Cog puts your code and its description into it.">
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
          <FirstStep step="code" lead="A folder with a cog.yaml, which says what to install and which class answers.">
            <Framed>
              <Tabs
                label="Where the code comes from"
                tabs={[
                  {
                    id: "new",
                    label: "New project",
                    panel: (
                      <CodeBlock
                        flush
                        label="Begin a project"
                        code={`mkdir ${model.name} && cd ${model.name}\ncog init`}
                      />
                    ),
                  },
                  {
                    id: "existing",
                    label: "Existing project",
                    panel: <CodeBlock flush label="Check a project" code={`cd ${model.name}\ncog build`} />,
                  },
                  {
                    id: "github",
                    label: "From GitHub",
                    panel: (
                      <>
                        <CodeBlock flush label="The workflow" code={workflowSnippet(registry, model.owner, ref)} />
                        <p className="border-t border-line px-4 py-3 text-sm text-muted">
                          Commit it as <code>.github/workflows/push.yml</code>, and put the token of the next step into
                          the repository’s secret <code>UNDERSTUDY_TOKEN</code>.
                        </p>
                      </>
                    ),
                  },
                ]}
              />
            </Framed>
          </FirstStep>
          <FirstStep
            step="login"
            lead="With your username, and a token that can push to this model and do nothing else."
          >
            <PushTokenForm owner={model.owner} name={model.name} host={registry} />
            {needsTls(origin) && (
              <p className="text-sm text-muted">
                Docker and Cog speak to {registry} over TLS only: put a proxy with a certificate in front, or list it
                among Docker’s insecure registries.
              </p>
            )}
          </FirstStep>
          <FirstStep step="push" lead="In the folder of the project. The first time takes longest.">
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
            lead="Once it is here, anybody who may see it can take the image and ask it something. What it takes will stand on this page."
          >
            <CodeBlock label="A first run" code={runSnippet(`${registry}/${ref}`, gpu)} />
          </FirstStep>
        </ol>
      </section>
      <section aria-labelledby="over-rest" className="mt-10 grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-3">
        <h2 id="over-rest">Over the API</h2>
        <p className="text-sm text-muted">
          The model already answers; the{" "}
          <Link href={`/${ref}/api`} className="link">
            API tab
          </Link>{" "}
          has the same for JavaScript, Python and the command line.
        </p>
        <CodeBlock label="Read this model with cURL" code={readSnippets(origin, model.owner, model.name)[0]!.code} />
      </section>
    </>
  )
}

const Framed = ({ children }: { children: ReactNode }) => (
  <div className="overflow-hidden rounded-lg border border-line">{children}</div>
)
