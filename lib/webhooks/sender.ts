import { env } from "@/env"
import { after, fromNow, now } from "@/lib/clock"
import { fetchGuarded, redirectOf, Unreachable } from "@/lib/fetch/fetch"
import type { Job } from "@/lib/jobs/job"
import { deleteOldDeliveries, leaseDeliveries, listDue, settleDelivery, type Delivery } from "./delivery-store"
import { Problem } from "@/lib/problem"
import { signingSecrets } from "./secret"
import { signedHeaders } from "./sign"
import { isSink, receive, sinkSecretIn } from "./sink"
import { intermediateIntervalMs } from "./queue"
import { onWake } from "./wake"

/**
 * Retry delays of `completed` and `alert` webhooks in seconds: three retries within the first minute, then at growing
 * intervals.
 */
export const retries = [5, 15, 40, 300, 1800, 7200, 43_200]
/** The response timeout in milliseconds. */
const patience = 10_000
/** The lease of a delivery in seconds, longer than any attempt; afterwards another process may retry it. */
const leaseSeconds = 30
/** Concurrency limits: per host, per account and in total. */
const most = { host: 4, owner: 16, all: 64 }
/** Candidates per round. */
const candidatesPerRound = 200
/** The polling interval in milliseconds. */
const pollIntervalMs = 500
const retentionDays = 30

type Options = { report: (error: unknown) => void; answerWithin?: number }

/**
 * Starts sending due deliveries in this process. Returns a function that stops it; unfinished deliveries are left to
 * other processes.
 */
export function startSender({ report, answerWithin = patience }: Options): () => Promise<void> {
  const underWay = new Map<string, { delivery: Pick<Delivery, "host" | "owner_id">; done: Promise<void> }>()
  const stopping = new AbortController()
  let look: Promise<void> | undefined
  let again = false

  function countUnderWay() {
    const [hosts, owners] = [new Map<string, number>(), new Map<number, number>()]
    for (const { delivery } of underWay.values()) {
      increment(hosts, delivery.host)
      increment(owners, delivery.owner_id)
    }
    return { hosts, owners }
  }

  /** Starts as many deliveries as the limits allow. Returns whether there may be more. */
  async function round(): Promise<boolean> {
    const room = most.all - underWay.size
    if (room <= 0) return false
    const counts = countUnderWay()
    const busy = { hosts: keysOf(counts.hosts, most.host), owners: keysOf(counts.owners, most.owner) }
    const due = await listDue(
      now(),
      { ...busy, pausedSince: fromNow(-intermediateIntervalMs / 1000) },
      candidatesPerRound,
    )
    const chosen = choose(due, room, counts)
    if (chosen.length === 0) return false
    const at = now()
    for (const delivery of await leaseDeliveries(chosen, at, after(at, leaseSeconds))) {
      const done = deliver(delivery)
        .catch(report)
        .finally(() => {
          underWay.delete(delivery.id)
          wake()
        })
      underWay.set(delivery.id, { delivery, done })
    }
    return due.length === candidatesPerRound
  }

  function choose(
    due: Awaited<ReturnType<typeof listDue>>,
    room: number,
    { hosts, owners }: ReturnType<typeof countUnderWay>,
  ): string[] {
    const predictions = new Set<number>()
    const chosen: string[] = []
    for (const { id, host, owner_id, prediction } of due) {
      if (chosen.length === room) break
      if (underWay.has(id)) continue
      // Deliveries of one prediction are sent in order.
      if (prediction !== null && predictions.has(prediction)) continue
      if ((hosts.get(host) ?? 0) >= most.host || (owners.get(owner_id) ?? 0) >= most.owner) continue
      if (prediction !== null) predictions.add(prediction)
      increment(hosts, host)
      increment(owners, owner_id)
      chosen.push(id)
    }
    return chosen
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const attempts = delivery.attempts + 1
    const answer = await send(delivery, { signal: stopping.signal, answerWithin })
    // An attempt that we aborted does not count.
    if (stopping.signal.aborted && !answer.delivered) return settleDelivery(delivery, {})
    const isRetried = delivery.event === "completed" || delivery.event === "alert"
    const wait = isRetried && !answer.final ? retries[delivery.attempts] : undefined
    await settleDelivery(delivery, {
      attempts,
      attempted_at: now(),
      status: answer.status,
      error: answer.error,
      ...(answer.delivered
        ? { delivered_at: now(), next_attempt_at: null }
        : { next_attempt_at: wait === undefined ? null : after(now(), wait) }),
    })
  }

  function wake() {
    if (stopping.signal.aborted) return
    if (look) return void (again = true)
    look = rounds()
      .catch(report)
      .finally(() => {
        look = undefined
        if (again) wake()
      })
  }

  async function rounds() {
    for (let more = true; (more || again) && !stopping.signal.aborted;) {
      again = false
      more = await round()
    }
  }

  const timer = setInterval(wake, pollIntervalMs).unref()
  const stopListening = onWake(wake)
  wake()

  return async () => {
    clearInterval(timer)
    stopListening()
    stopping.abort()
    await look
    await Promise.all([...underWay.values()].map(({ done }) => done))
  }
}

const increment = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1)
const keysOf = <K>(counts: Map<K, number>, limit: number): K[] =>
  [...counts].filter(([, count]) => count >= limit).map(([key]) => key)

type Outcome = {
  delivered: boolean
  status: number | null
  error: string | null
  /** Retrying would not help. */
  final?: boolean
}

const received = (): Outcome => ({ delivered: true, status: 200, error: null })
const notThere = (error: unknown): Outcome => {
  if (!(error instanceof Problem && error.kind === "missing")) throw error
  return { delivered: false, status: 404, error: "This test URL has expired.", final: true }
}

/** One attempt. Whatever the receiver does, it costs at most a connection for a few seconds. */
async function send(
  { id, owner_id, url, body }: Delivery,
  { signal, answerWithin }: { signal: AbortSignal; answerWithin: number },
): Promise<Outcome> {
  if (body === null) return { delivered: false, status: null, error: "Its payload was removed.", final: true }
  try {
    const headers = {
      "content-type": "application/json",
      ...signedHeaders(await signingSecrets(owner_id), { id, body }),
    }
    // A sink of this installation is called directly: its URL may point to a private network.
    const sink = sinkSecretIn(url)
    if (sink && (await isSink(sink))) return await receive(sink, headers, body).then(received, notThere)
    const answer = await fetchGuarded(url, {
      method: "POST",
      headers,
      body,
      toPrivate: env.WEBHOOKS_TO_PRIVATE === "1",
      // The response body is ignored.
      limit: Infinity,
      answerWithin,
      within: answerWithin + 5000,
      signal,
    })
    answer.body.destroy()
    const { status } = answer
    const target = redirectOf(answer.url, { statusCode: status, headers: answer.headers })
    if (target !== undefined)
      return {
        delivered: false,
        status,
        error: `The receiver redirects to ${target.slice(0, 500)}. Redirects are not followed: give that address instead.`,
      }
    const delivered = status >= 200 && status < 300
    return { delivered, status, error: delivered ? null : `The receiver answered ${status}.` }
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    const hint = error.reason === "private" ? " The operator can allow it with WEBHOOKS_TO_PRIVATE." : ""
    return {
      delivered: false,
      status: null,
      error: error.message + hint,
      final: error.reason === "private" || error.reason === "address",
    }
  }
}

/** Deletes old deliveries. */
export const oldDeliveriesJob: Job = {
  name: "old-deliveries",
  every: 3600,
  by: "installation",
  async run(signal) {
    const before = fromNow(-retentionDays * 24 * 3600)
    while (!signal.aborted && (await deleteOldDeliveries(before, 500)) === 500);
  },
}
