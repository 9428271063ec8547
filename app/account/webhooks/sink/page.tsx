import type { Metadata } from "next"
import Link from "next/link"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Reload } from "@/components/reload"
import { Badge } from "@/components/ui/badge"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable, param, currentOrigin } from "@/lib/next/page"
import { getOwnRequest, getOwnSink, type ListedRequest, type SinkRequest } from "@/lib/webhooks/sink"
import { isTooNested } from "@/lib/indentation"
import { openSinkAction } from "./actions"

export const metadata: Metadata = { title: "Webhook sink", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function SinkPage({ searchParams }: Props) {
  const actor = await requireActor("/account/webhooks/sink")
  const asked = param((await searchParams).request)
  const whole = asked === undefined ? null : await nullIfUnavailable(getOwnRequest(actor, Number(asked)))
  if (whole) return <Whole request={whole} />
  const open = await getOwnSink(actor)
  return (
    <div className="max-w-4xl">
      <PageHeader
        title="Webhook sink"
        above={
          <Link href="/account/webhooks" className="link">
            Webhooks
          </Link>
        }
        lead="A temporary URL that shows the webhooks sent to it, so that you can test them without a server."
        className="mb-8"
      />
      {open && (
        <div className="mb-6 grid grid-cols-[minmax(0,1fr)] gap-3">
          <CodeBlock label="Sink URL" wrap code={`${await currentOrigin()}/hooks/${open.sink.secret}`} />
          <p className="text-sm text-muted">
            <span>Use it as the webhook of a prediction. It expires at </span>
            <time dateTime={open.sink.expires_at}>{`${open.sink.expires_at.slice(0, 16).replace("T", " ")} UTC`}</time>
            <span>, and the received requests are then deleted.</span>
          </p>
        </div>
      )}
      <ActionForm action={openSinkAction} className="mb-10">
        <SubmitButton variant={open ? "secondary" : "primary"}>{open ? "New URL" : "Create a URL"}</SubmitButton>
      </ActionForm>
      {open && (
        <section aria-labelledby="arrived">
          <Reload every={2} />
          <h2 id="arrived" className="mb-4">
            Received requests
          </h2>
          {open.requests.length === 0 ? (
            <p className="text-muted">No requests yet. They appear here as they arrive.</p>
          ) : (
            <ol className="grid grid-cols-[minmax(0,1fr)] gap-4">
              {open.requests.map((request) => (
                <Arrived key={request.id} request={request} />
              ))}
            </ol>
          )}
        </section>
      )}
    </div>
  )
}

const Whole = ({ request }: { request: SinkRequest }) => (
  <div className="max-w-4xl">
    <PageHeader
      title="Webhook"
      above={
        <Link href="/account/webhooks/sink" className="link">
          Webhook sink
        </Link>
      }
      className="mb-8"
    />
    <ol>
      <Arrived request={{ ...request, body_length: request.body.length }} />
    </ol>
  </div>
)

const Arrived = ({ request: { id, received_at, headers, body, body_length, signed } }: { request: ListedRequest }) => (
  <li className="rounded-xl border border-line bg-surface p-5">
    <p className="mb-3 flex flex-wrap items-center gap-3">
      <Badge tone={signed ? "accent" : "danger"}>{signed ? "signature valid" : "not signed by this account"}</Badge>
      <Time iso={received_at} className="text-sm text-muted" />
      <span className="text-sm text-muted">{eventIn(body)}</span>
    </p>
    <CodeBlock label={`Body, ${received_at}`} wrap code={pretty(body)} className="max-h-80 overflow-y-auto" />
    {body.length < body_length && (
      <p className="mt-3 text-sm">
        <Link href={`/account/webhooks/sink?request=${id}`} className="link">
          {`Show all ${body_length.toLocaleString("en-US")} characters`}
        </Link>
      </p>
    )}
    <Disclosure summary="Headers" className="mt-3">
      <CodeBlock
        label={`Headers, ${received_at}`}
        wrap
        code={Object.entries(headers)
          .map(([name, value]) => `${name}: ${value}`)
          .join("\n")}
      />
    </Disclosure>
  </li>
)

function pretty(body: string): string {
  try {
    return isTooNested(body) ? body : JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

/** The status of the prediction in a webhook; empty if the body cannot be parsed, for example because it is cut off. */
function eventIn(body: string): string {
  try {
    const { status } = JSON.parse(body) as { status?: unknown }
    return typeof status === "string" ? status : ""
  } catch {
    return ""
  }
}
