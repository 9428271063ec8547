import Link from "next/link"
import type { ReactNode } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import type { ModelBody } from "@/lib/models/present"
import { readSnippets } from "@/lib/models/snippets"
import { loginSnippet, needsTls, pushSnippets, workflowSnippet } from "@/lib/registry/snippets"
import { PushChecklist } from "./push-checklist"
import { PushTokenForm } from "./push-token-form"

/** How the first version gets here, with this model's own names filled in. */
export function NextSteps({ model, origin }: { model: ModelBody; origin: string }) {
  const registry = origin.replace(/^https?:\/\//, "")
  const ref = `${model.owner}/${model.name}`

  return (
    <section aria-labelledby="next-steps">
      <h2 id="next-steps">Next: give it a version</h2>
      <p className="mt-1 mb-6 max-w-2xl text-muted">A model runs what you push to it. There are three ways on from here.</p>
      <ol className="grid gap-4">
        <Step title="Push code with Cog or Docker" lead="Build an image with Cog, sign in with your username and a token, and push it to this address.">
          <CodeBlock label="Push to this model" code={`${loginSnippet(registry, model.owner)}\n${pushSnippets(registry, ref)[0]!.code}`} />
          {needsTls(origin) && (
            <p className="text-sm text-muted">
              Docker and Cog speak to {registry} over TLS only: put a proxy with a certificate in front, or list it among Docker’s insecure registries.
            </p>
          )}
          <PushTokenForm owner={model.owner} name={model.name} host={registry} />
          <PushChecklist owner={model.owner} name={model.name} />
          <Disclosure summary="Docker, skopeo and GitHub Actions">
            <div className="grid gap-3">
              {pushSnippets(registry, ref).slice(1).map(({ label, code }) => (
                <CodeBlock key={label} title={label} code={code} />
              ))}
              <CodeBlock title=".github/workflows/push.yml" code={workflowSnippet(registry, model.owner, ref)} />
              <p className="text-sm text-muted">
                The workflow reads the token from the repository’s secret <code>UNDERSTUDY_TOKEN</code>.
              </p>
            </div>
          </Disclosure>
        </Step>
        <Step title="Train into it" lead="Name this model as the destination of a training; each one that succeeds becomes a version.">
          <CodeBlock label="The destination to name" code={`"destination": "${ref}"`} />
        </Step>
        <Step title="Use the API" lead="The model already answers. It has no version yet, so there is nothing to run.">
          <CodeBlock label="Read this model with cURL" code={readSnippets(origin, model.owner, model.name)[0]!.code} />
          <p className="text-sm text-muted">
            The <Link href={`/${ref}/api`} className="link">API tab</Link> has the same for JavaScript, Python and the command line.
          </p>
        </Step>
      </ol>
    </section>
  )
}

function Step({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-3 rounded-xl border border-line bg-surface p-5 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div>
        <h3>{title}</h3>
        <p className="mt-1 text-sm text-muted">{lead}</p>
      </div>
      <div className="grid min-w-0 content-start gap-2">{children}</div>
    </li>
  )
}
