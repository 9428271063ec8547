import type { Db } from "@/db"
import { env } from "@/env"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import {
  deletePendingIntermediate,
  eraseBodies,
  insertDelivery,
  lastIntermediateDue,
  replacePendingIntermediate,
  type Delivery,
} from "./delivery-store"
import type { WebhookEvent } from "./schema"
import { wakeSender } from "./wake"

/** The fields of a prediction that a delivery needs. */
export type WebhookOf = {
  number: number
  owner_id: number
  webhook: string | null
  webhook_events_filter: WebhookEvent[] | null
}

/** The default events. */
const usual: readonly WebhookEvent[] = ["output", "completed"]
/** The minimum interval between intermediate deliveries of a prediction, in milliseconds. */
export const intermediateIntervalMs = 500
/** Bytes of logs in a payload if they are truncated. */
const tailLimit = 64 * 1024

/**
 * Queues a webhook delivery for an event of a prediction, if its client asked for it, within the transaction of the
 * event, so that both are committed or neither. `body` builds the payload: the prediction as in the API. Output and
 * logs events are sent at most every half second, with the newest state.
 */
export async function queueDelivery(
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
    if (await replacePendingIntermediate(tx, number, { event, body: content }, at)) return
    due = await notBefore(tx, number, at)
  }
  if (event === "completed") await deletePendingIntermediate(tx, number, at)
  await insertDelivery(tx, newDelivery({ owner_id, prediction: number, event, url: webhook, body: content }, at, due))
  wakeSender()
}

/** Queues an alert for an account, within the transaction that raises it. */
export async function queueAlert(tx: Db, owner_id: number, url: string, body: object): Promise<void> {
  await insertDelivery(tx, newDelivery({ owner_id, prediction: null, event: "alert", url, body: JSON.stringify(body) }))
  wakeSender()
}

/** A delivery that was not attempted yet. */
export const newDelivery = (
  fields: Pick<Delivery, "owner_id" | "prediction" | "event" | "url" | "body">,
  created_at = now(),
  next_attempt_at = created_at,
): Delivery => ({
  id: `msg_${newId()}`,
  ...fields,
  host: hostOf(fields.url),
  attempts: 0,
  next_attempt_at,
  leased_until: null,
  status: null,
  error: null,
  created_at,
  attempted_at: null,
  delivered_at: null,
})

/**
 * Removes the payloads of predictions' deliveries and cancels pending ones, within the transaction that removes the
 * rest of their data.
 */
export const forgetDeliveriesOf = (tx: Db, predictions: number[]): Promise<void> =>
  eraseBodies(tx, predictions, "The data of the prediction was removed before this could be sent.")

async function notBefore(tx: Db, number: number, at: string): Promise<string> {
  const last = await lastIntermediateDue(tx, number)
  const earliest = last === undefined ? 0 : Date.parse(last) + intermediateIntervalMs
  return earliest <= Date.parse(at) ? at : new Date(earliest).toISOString().replace("Z", "000Z")
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host.slice(0, 255) : "")

/** Receivers reject large bodies, and logs are what makes them large. */
function withFewerLogs<B extends { logs?: string | null }>(body: B): B {
  if (!body.logs || env.WEBHOOK_LOGS === "full") return body
  if (env.WEBHOOK_LOGS === "none") return { ...body, logs: "" }
  const bytes = Buffer.from(body.logs)
  if (bytes.length <= tailLimit) return body
  const tail = bytes.subarray(bytes.length - tailLimit).toString("utf8")
  // Starts at the next full line if there is one, because a partial line can mislead.
  const line = tail.indexOf("\n")
  return {
    ...body,
    logs: `[Earlier logs are left out.]\n${tail.slice(line >= 0 && line < 4096 ? line + 1 : 0).replace(/^\ufffd+/, "")}`,
  }
}
