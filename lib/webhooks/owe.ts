import type { Db } from "@/db"
import { env } from "@/env"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import { deleteWaiting, eraseBodies, insertDelivery, lastBetween, replaceWaiting } from "./delivery-store"
import type { WebhookEvent } from "./schema"
import { wakeSender } from "./wake"

/** What is to be known of a prediction to tell of it. */
export type WebhookOf = {
  number: number
  owner_id: number
  webhook: string | null
  webhook_events_filter: WebhookEvent[] | null
}

/** What is told to whoever asked for nothing in particular. */
const usual: readonly WebhookEvent[] = ["output", "completed"]
/** Milliseconds between two that tell of something in between. */
export const pause = 500
/** What of the logs is sent along, where not all of it is. */
const tailLimit = 64 * 1024

/**
 * Owes a webhook for something that happened to a prediction, within the transaction that makes it happen, so that neither is there without
 * the other. Nothing is owed where nobody asked for it. `body` makes what is sent, the prediction as the API shows it. Output and logs are
 * told at most every half second, with what is newest then.
 */
export async function oweDelivery(
  tx: Db,
  { number, owner_id, webhook, webhook_events_filter }: WebhookOf,
  event: WebhookEvent,
  body: () => { logs?: string | null },
): Promise<void> {
  if (!webhook || !(webhook_events_filter ?? usual).includes(event)) return
  const at = now()
  const content = JSON.stringify(withFewerLogs(body()))
  let due = at
  if (event === "output" || event === "logs") {
    if (await replaceWaiting(tx, number, { event, body: content }, at)) return
    due = await notBefore(tx, number, at)
  }
  if (event === "completed") await deleteWaiting(tx, number, at)
  await insertDelivery(tx, {
    id: `msg_${newId()}`,
    owner_id,
    prediction: number,
    event,
    url: webhook,
    host: hostOf(webhook),
    body: content,
    attempts: 0,
    next_attempt_at: due,
    leased_until: null,
    status: null,
    error: null,
    created_at: at,
    attempted_at: null,
    delivered_at: null,
  })
  wakeSender()
}

/** Removes what was told of predictions, within the transaction that removes the rest of their data; what was not sent yet no longer is. */
export const forgetDeliveriesOf = (tx: Db, predictions: number[]): Promise<void> =>
  eraseBodies(tx, predictions, "The data of the prediction was removed before this could be sent.")

async function notBefore(tx: Db, number: number, at: string): Promise<string> {
  const last = await lastBetween(tx, number)
  const earliest = last === undefined ? 0 : Date.parse(last) + pause
  return earliest <= Date.parse(at) ? at : new Date(earliest).toISOString().replace("Z", "000Z")
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host.slice(0, 255) : "")

/** Receivers refuse large bodies, and logs are what makes them large. */
function withFewerLogs<B extends { logs?: string | null }>(body: B): B {
  if (!body.logs || env.WEBHOOK_LOGS === "full") return body
  if (env.WEBHOOK_LOGS === "none") return { ...body, logs: "" }
  const bytes = Buffer.from(body.logs)
  if (bytes.length <= tailLimit) return body
  const tail = bytes.subarray(bytes.length - tailLimit).toString("utf8")
  // From the next whole line on, where there is one: a line cut in two says something else.
  const line = tail.indexOf("\n")
  return {
    ...body,
    logs: `[Earlier logs are left out.]\n${tail.slice(line >= 0 && line < 4096 ? line + 1 : 0).replace(/^\ufffd+/, "")}`,
  }
}
