import Link from "next/link"

import { Pager } from "@/components/pager"
import { Badge, type BadgeTone } from "@/components/ui/badge"
import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import type { Page } from "@/lib/page"
import type { ListedDelivery } from "@/lib/webhooks/delivery"
import { stateInWords } from "@/lib/webhooks/words"
import { sendAgainAction } from "./actions"

const tones: Record<ReturnType<typeof stateInWords>, BadgeTone> = {
  Delivered: "accent",
  Sending: "info",
  Waiting: "info",
  Retrying: "warn",
  Failed: "danger",
}

/** Sent and pending deliveries with their responses, each with a button to send it again. */
export function DeliveryList({
  page,
  path,
  organization,
}: {
  page: Page<ListedDelivery>
  path: string
  organization?: string
}) {
  const linkTo = (cursor: string | null) => cursor && `${path}?cursor=${encodeURIComponent(cursor)}`
  if (page.rows.length === 0)
    return (
      <EmptyState title="No deliveries yet">
        Give a prediction a <span className="font-mono text-sm">webhook</span>, or send a test above.
      </EmptyState>
    )
  return (
    <>
      <Table label="Webhook deliveries">
        <thead>
          <tr>
            <th scope="col">Delivery</th>
            <th scope="col">Outcome</th>
            <th scope="col">Attempts</th>
            <th scope="col">Time</th>
            <th scope="col">
              <span className="sr-only">Send again</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.rows.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} organization={organization} />
          ))}
        </tbody>
      </Table>
      <Pager previous={linkTo(page.previous)} next={linkTo(page.next)} />
    </>
  )
}

function Row({ delivery, organization }: { delivery: ListedDelivery; organization?: string }) {
  const { id, event, url, status, error, attempts, created_at, attempted_at, next_attempt_at, prediction_id } = delivery
  const state = stateInWords(delivery)
  return (
    <tr id={id} className="align-top">
      <th scope="row" className="min-w-56 font-normal!">
        <span className="font-mono text-sm">{event}</span>
        {prediction_id && (
          <span>
            {" "}
            of{" "}
            <Link href={`/p/${prediction_id}`} prefetch={false} className="link font-mono text-sm">
              {prediction_id.slice(0, 8)}
            </Link>
          </span>
        )}
        <span className="block max-w-80 text-sm wrap-anywhere text-muted">{url}</span>
      </th>
      <td className="min-w-56">
        <Badge tone={tones[state]}>{state}</Badge>
        {status !== null && <span className="ml-2 text-sm tabular-nums">{status}</span>}
        {error && <span className="mt-1 block max-w-80 text-sm wrap-anywhere text-muted">{error}</span>}
        {state === "Retrying" && next_attempt_at && (
          <span className="mt-1 block text-sm text-muted">
            Next attempt <Time iso={next_attempt_at} />
          </span>
        )}
      </td>
      <td className="num">{attempts}</td>
      <td className="whitespace-nowrap">
        <Time iso={attempted_at ?? created_at} />
      </td>
      <td className="num">
        {next_attempt_at === null && delivery.sendable && (
          <form action={sendAgainAction}>
            <input type="hidden" name="id" value={id} />
            {organization && <input type="hidden" name="organization" value={organization} />}
            <Button type="submit" size="sm" aria-label={`Send ${event} of ${created_at} again`}>
              Send again
            </Button>
          </form>
        )}
      </td>
    </tr>
  )
}
