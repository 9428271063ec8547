import type { Metadata } from "next"
import Link from "next/link"

import { sharedApi } from "@/app/v1/shared"
import { Badge } from "@/components/ui/badge"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { PageHeader } from "@/components/ui/page-header"
import { currentAccount } from "@/lib/next/session"
import { currentOrigin } from "@/lib/next/page"
import { curlOf, type Field, type Operation, sectionsOf } from "./reference"

export const metadata: Metadata = {
  title: "API reference",
  description: "Every route of the HTTP API, with example requests for your host and account.",
}

export default async function ApiReferencePage() {
  const document = (await sharedApi()).swagger()
  const sections = sectionsOf(document as Parameters<typeof sectionsOf>[0])
  const origin = await currentOrigin()
  const owner = (await currentAccount())?.username ?? "alice"

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-12 lg:grid-cols-[13rem_minmax(0,1fr)]">
      <nav
        aria-label="Routes"
        className="text-sm max-lg:hidden lg:sticky lg:top-6 lg:max-h-[calc(100dvh-3rem)] lg:self-start lg:overflow-y-auto"
      >
        {sections.map(({ tag, operations }) => (
          <div key={tag} className="mb-4">
            <p className="mb-1 font-semibold">{tag}</p>
            <ul>
              {operations.map((operation) => (
                <li key={operation.id}>
                  <a
                    href={`#${operation.id}`}
                    className="block rounded-sm py-1 leading-snug text-muted hover:text-text hover:underline"
                  >
                    {operation.summary}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="min-w-0">
        <PageHeader
          title="API reference"
          lead={
            <span>
              Replicate&rsquo;s API clients work unchanged: point them to <code>{origin}/v1</code>. The OpenAPI document
              is at{" "}
              <a href="/v1/openapi.json" className="link">
                /v1/openapi.json
              </a>
              .
            </span>
          }
          className="mb-8"
        />
        <section aria-labelledby="authentication" className="mb-12 grid grid-cols-[minmax(0,1fr)] gap-3">
          <h2 id="authentication">Authentication</h2>
          <p className="max-w-2xl text-muted">
            Send{" "}
            <Link href="/account/api-tokens" className="link">
              an API token
            </Link>{" "}
            with every request. It acts for its account.
          </p>
          <CodeBlock label="Set your token" code="export REPLICATE_API_TOKEN=us_…" />
          <p className="max-w-2xl text-muted">
            Errors are <code>application/problem+json</code> with <code>title</code>, <code>detail</code> and{" "}
            <code>status</code>; <code>detail</code> is always complete. Lists are paginated: follow <code>next</code>{" "}
            and <code>previous</code> as they are.
          </p>
        </section>
        {sections.map(({ tag, operations }) => (
          <section key={tag} aria-labelledby={`tag-${tag}`} className="mb-12">
            <h2 id={`tag-${tag}`} className="mb-5 border-b border-line pb-2">
              {tag}
            </h2>
            <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
              {operations.map((operation) => (
                <OperationSection
                  key={operation.id}
                  operation={operation}
                  curl={curlOf(operation, { owner, origin })}
                />
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}

function OperationSection({ operation, curl }: { operation: Operation; curl: string }) {
  const { id, summary, description, method, path, open, fields, answers } = operation
  const good = answers.find((answer) => answer.fields.length > 0)
  return (
    <article aria-labelledby={id} className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h3 id={id} className="scroll-mt-6 text-lg">
        {summary}
      </h3>
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={method === "GET" ? "neutral" : method === "DELETE" ? "danger" : "accent"}>{method}</Badge>
        <span className="font-mono text-sm wrap-anywhere">{path}</span>
        {open && <Badge tone="info">No token required</Badge>}
      </p>
      {description && (
        <p className="max-w-2xl text-muted">
          <Worded text={description} />
        </p>
      )}
      {fields.length > 0 && <Fields fields={fields} label={`Parameters: ${summary.toLowerCase()}`} />}
      <CodeBlock label={`${summary} with cURL`} code={curl} />
      <p className="text-sm text-muted">
        Responses{" "}
        {answers.map(({ status, about }, at) => (
          <span key={status}>
            {at > 0 && <span>; </span>}
            <span className="font-mono text-xs font-medium text-text">{status}</span>
            {about && <span> {about}</span>}
          </span>
        ))}
        <span>.</span>
      </p>
      {good && (
        <Disclosure summary="Response" mark={good.status}>
          <Fields fields={good.fields} label={`Response: ${summary.toLowerCase()}`} answer />
        </Disclosure>
      )}
    </article>
  )
}

function Fields({ fields, label, answer }: { fields: Field[]; label: string; answer?: boolean }) {
  return (
    <dl aria-label={label} className="divide-y divide-line rounded-lg border border-line bg-surface text-sm">
      {fields.map(({ name, where, type, required, about }) => (
        <div key={`${where} ${name}`} className="flex flex-wrap gap-x-3 gap-y-0.5 px-4 py-2">
          <dt className="min-w-40 font-mono text-xs leading-5 wrap-anywhere">{name}</dt>
          <dd className="min-w-0 flex-1 basis-56 wrap-anywhere">
            {type}
            {!answer && (
              <span className="text-muted">
                {" "}
                ·{" "}
                {where === "body"
                  ? required
                    ? "required"
                    : "optional"
                  : `in the ${where}, ${required ? "required" : "optional"}`}
              </span>
            )}
            {about && (
              <span className="block text-muted">
                <Worded text={about} />
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Text with `code` in backticks. */
function Worded({ text }: { text: string }) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))
}
