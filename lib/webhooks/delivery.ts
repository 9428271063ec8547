import { requireAbility, type AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { missing, problem } from "@/lib/problem"
import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import {
  findDelivery,
  insertDelivery,
  listDeliveryRows,
  placeOf,
  requeueDelivery,
  type ListedDelivery,
} from "./delivery-store"
import { newDelivery } from "./queue"
import { TestWebhookInput } from "./schema"
import { wakeSender } from "./wake"

export type { ListedDelivery }

const pageSize = 50
const sentByHandPerHour = 120

/**
 * The webhook deliveries of an account, newest first, for those who manage its tokens. Throws what `requireAbility`
 * throws.
 */
export async function listDeliveries(
  actor: Actor,
  account: AccountRef,
  cursorText?: string,
): Promise<Page<ListedDelivery>> {
  requireAbility(actor, account, "tokens")
  const cursor = cursorText === undefined ? null : decodeCursor(cursorText)
  return pageOf(await listDeliveryRows(account.id, cursor, pageSize), pageSize, cursor, placeOf)
}

/**
 * Redelivers a webhook with the same payload and ID. Throws `missing`, and `conflict` while the delivery is unfinished
 * or if its payload was removed.
 */
export async function sendAgain(actor: Actor, account: AccountRef, id: string): Promise<void> {
  requireAbility(actor, account, "tokens")
  if (!(await findDelivery(account.id, id))) throw missing()
  await countByHand(account)
  const queued = await writeAs(actor, { account, ability: "tokens" }, (tx) =>
    requeueDelivery(tx, account.id, id, now()),
  )
  if (!queued)
    throw problem(
      "conflict",
      "It is still being sent, or the data of its prediction was removed and nothing is left to send.",
    )
  wakeSender()
}

/** Sends a test webhook to a URL. Throws `invalid`, and what `requireAbility` throws. */
export async function sendTest(
  actor: Actor,
  account: AccountRef,
  input: TestWebhookInput,
  origin: string,
): Promise<string> {
  requireAbility(actor, account, "tokens")
  const { url } = TestWebhookInput.parse(input)
  await countByHand(account)
  const body = JSON.stringify(example(origin, now()))
  const delivery = newDelivery({ owner_id: account.id, prediction: null, event: "test", url, body })
  await writeAs(actor, { account, ability: "tokens" }, (tx) => insertDelivery(tx, delivery))
  wakeSender()
  return delivery.id
}

const countByHand = (account: AccountRef) =>
  consumeRateLimit(`webhooks:${account.id}`, sentByHandPerHour, 3600, "Too many webhooks were sent by hand.")

/** A sample prediction as webhook payload. */
function example(origin: string, at: string) {
  const id = newId()
  return {
    id,
    model: "understudy/echo",
    version: "0".repeat(64),
    input: { text: "hello" },
    logs: "",
    output: ["hello"],
    data_removed: false,
    error: null,
    source: "web",
    status: "succeeded",
    created_at: at,
    started_at: at,
    completed_at: at,
    metrics: { predict_time: 0.1, total_time: 0.1 },
    urls: {
      get: `${origin}/v1/predictions/${id}`,
      cancel: `${origin}/v1/predictions/${id}/cancel`,
      web: `${origin}/p/${id}`,
    },
    test: true,
  }
}

/**
 * A delivery once it was attempted, or its state after a timeout in milliseconds. Throws `missing`, and what
 * `requireAbility` throws.
 */
export async function awaitDelivery(
  actor: Actor,
  account: AccountRef,
  id: string,
  patience: number,
): Promise<ListedDelivery> {
  requireAbility(actor, account, "tokens")
  const end = Date.now() + patience
  for (;;) {
    const delivery = await findDelivery(account.id, id)
    if (!delivery) throw missing()
    const tried = delivery.next_attempt_at === null || delivery.status !== null || delivery.error !== null
    if (tried || Date.now() >= end) return delivery
    await new Promise((resume) => setTimeout(resume, 100))
  }
}
