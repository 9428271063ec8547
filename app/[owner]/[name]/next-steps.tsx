import Link from "next/link"
import type { ReactNode } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Tabs } from "@/components/ui/tabs"
import type { ModelSummary } from "@/lib/models/present"
import { newFormKey } from "@/lib/next/page"
import { readSnippets } from "@/lib/models/snippets"
import { shellQuoted } from "@/lib/models/snippets"
import { installSnippets, needsTls, pushSnippets, runSnippet, workflowSnippet } from "@/lib/registry/snippets"
import { FirstStep, FirstSteps, SetUp } from "./first-steps"
import type { Pushing } from "./load-model-page"
import { PushChecklist } from "./push-checklist"
import { PushTokenForm } from "./push-token-form"

type Props = {
  model: ModelSummary
  origin: string
  gpu: boolean
  pushing: Pushing
  /** Whether the user has confirmed that they have Docker and Cog. */
  hasTools: boolean
}

/** How to push the first version, with this model's own names filled in. */
export async function NextSteps({ model, origin, gpu, pushing, hasTools }: Props) {
  const registry = origin.replace(/^https?:\/\//, "")
  const ref = `${model.owner}/${model.name}`
  const [cog, ...others] = pushSnippets(registry, ref)

  return (
    <>
      <section aria-labelledby="next-steps">
        <h2 id="next-steps" className="scroll-mt-6">
          Push the first version
        </h2>
        <p className="mt-1 mb-6 max-w-2xl text-muted">
          No versions yet: a model runs the image you push to it.
          <span className="noscript:hidden"> Steps are checked off as your push arrives.</span>
        </p>
        <FirstSteps hasTools={hasTools} hasToken={pushing.hasToken}>
          <FirstStep
            step="setup"
            lead={
              <>
                <p>Cog packages your code into a Docker image.</p>
                <p className="mt-1">
                  The code is a folder with a cog.yaml file, which lists dependencies and names your predictor class.
                </p>
              </>
            }
          >
            <SetUp>
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
              <Framed>
                <Tabs
                  label="Source"
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
                            Commit it as <code>.github/workflows/push.yml</code> and store the token from the next step
                            as the repository secret <code>UNDERSTUDY_TOKEN</code>.
                          </p>
                        </>
                      ),
                    },
                  ]}
                />
              </Framed>
            </SetUp>
          </FirstStep>
          <FirstStep step="login" lead={<Login model={model} own={pushing.own} />}>
            <PushTokenForm
              owner={model.owner}
              name={model.name}
              host={registry}
              formKey={await newFormKey()}
              refused={pushing.refused}
              exists={pushing.hasToken}
              primary
            />
            {needsTls(origin) && (
              <p className="text-sm text-muted">
                Docker and Cog connect to {registry} only over TLS: use a reverse proxy with a certificate, or add it to
                Docker’s insecure registries.
              </p>
            )}
          </FirstStep>
          <FirstStep step="push" lead={<p>In the project folder. The first push takes longest.</p>}>
            <CodeBlock label="Push to this model" code={cog!.code} />
            <PushChecklist owner={model.owner} name={model.name} />
            <Disclosure summary="With Docker or skopeo">
              <div className="grid gap-3">
                {others.map(({ label, code }) => (
                  <CodeBlock key={label} title={label} code={code} />
                ))}
              </div>
            </Disclosure>
          </FirstStep>
        </FirstSteps>
      </section>
      <div className="mt-10 grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-10 lg:grid-cols-2">
        <section aria-labelledby="first-run" className="grid grid-cols-[minmax(0,1fr)] content-start gap-3">
          <h2 id="first-run">Run it</h2>
          <p className="text-sm text-muted">
            After the push, anyone with access can run the image. Its inputs will be listed here.
          </p>
          <CodeBlock
            label="A first run"
            code={runSnippet({ reference: `${registry}/${ref}`, gpu, login: null }, shellQuoted('{"input":{}}'))}
          />
        </section>
        <section aria-labelledby="with-api" className="grid grid-cols-[minmax(0,1fr)] content-start gap-3">
          <h2 id="with-api">With the API</h2>
          <p className="text-sm text-muted">
            The model can already be read. The{" "}
            <Link href={`/${ref}/api`} className="link">
              API tab
            </Link>{" "}
            has snippets for JavaScript, Python and the command line.
          </p>
          <CodeBlock label="Read this model with cURL" code={readSnippets(origin, model.owner, model.name)[0]!.code} />
        </section>
      </div>
    </>
  )
}

/** Says whom to sign in as: the registry accepts a token only with the username of its account. */
const Login = ({ model: { owner, name }, own }: { model: ModelSummary; own: boolean }) =>
  own ? (
    <p>
      As <b className="font-semibold text-text">{owner}</b>, with a token that can push and pull {name} and do nothing
      else.
    </p>
  ) : (
    <p>
      As the organization <b className="font-semibold text-text">{owner}</b>, not as yourself: the token is the
      organization’s. It can push and pull {name} and do nothing else.
    </p>
  )

const Framed = ({ children }: { children: ReactNode }) => (
  <div className="overflow-hidden rounded-lg border border-line">{children}</div>
)
