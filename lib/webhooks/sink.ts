import { createHmac, timingSafeEqual } from "node:crypto"

import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { isId, newId } from "@/lib/id"
import type { Job } from "@/lib/jobs/job"
import { missing } from "@/lib/problem"
import { signingSecrets } from "./secret"
import {
  deleteExpiredSinks,
  findAnySink,
  findRequest,
  findSink,
  findSinkOf,
  insertRequest,
  listRequests,
  replaceSink,
  type ListedRequest,
  type Sink,
  type SinkRequest,
} from "./sink-store"

export type { ListedRequest, Sink, SinkRequest }

/** The lifetime of a sink in hours. */
const hours = 24
/** Requests kept per sink. */
export const maxRequests = 50
/** Maximum stored characters of a body. */
const longest = 256 * 1024

/**
 * Creates a temporary webhook URL for the actor's account, replacing the previous one. Throws what `writeAs` throws.
 */
export async function openSink(actor: Actor): Promise<Sink> {
  const account = { id: actor.owner_id, username: actor.username }
  const sink = { owner_id: account.id, secret: newId(), created_at: now(), expires_at: fromNow(hours * 3600) }
  await writeAs(actor, { account, ability: "run" }, (tx) => replaceSink(tx, sink))
  return sink
}

/** Characters of a body in a list, which is more than most webhooks have. */
const previewLength = 8 * 1024

/** The actor's sink and the beginnings of its requests, newest first; null without one. */
export async function getOwnSink(actor: Actor): Promise<{ sink: Sink; requests: ListedRequest[] } | null> {
  const sink = await findSinkOf(actor.owner_id, now())
  return sink ? { sink, requests: await listRequests(sink.owner_id, maxRequests, previewLength) } : null
}

/** A whole request to the actor's sink. Throws `missing` if there is none. */
export async function getOwnRequest(actor: Actor, id: number): Promise<SinkRequest> {
  const sink = await findSinkOf(actor.owner_id, now())
  const request = sink && Number.isSafeInteger(id) ? await findRequest(sink.owner_id, id) : undefined
  if (!request) throw missing()
  return request
}

/** The secret of a sink in a URL; undefined for any other URL. */
export function sinkSecretIn(url: string): string | undefined {
  const secret = URL.canParse(url) ? /^\/hooks\/(\w+)$/.exec(new URL(url).pathname)?.[1] : undefined
  return secret && isId(secret) ? secret : undefined
}

/** Whether a secret belongs to a sink, expired or not. URLs of other receivers may look like those of a sink. */
export const isSink = async (secret: string): Promise<boolean> => (await findAnySink(secret)) !== undefined

/** Stores a request to a sink. Throws `missing` for an unknown or expired sink. */
export async function receive(secret: string, headers: Record<string, string>, body: string): Promise<void> {
  const sink = isId(secret) ? await findSink(secret, now()) : undefined
  if (!sink) throw missing()
  const signed = isSignedBy(await signingSecrets(sink.owner_id), headers, body)
  const shown = Object.entries(headers).filter(([name]) => /^(webhook-|content-type$|user-agent$)/.test(name))
  await insertRequest(
    {
      owner_id: sink.owner_id,
      received_at: now(),
      headers: Object.fromEntries(shown.map(([name, value]) => [name, value.slice(0, 1000)])),
      body: body.slice(0, longest),
      signed,
    },
    maxRequests,
  )
}

/** Verifies as receivers do that follow https://www.standardwebhooks.com. */
function isSignedBy(secrets: string[], headers: Record<string, string>, body: string): boolean {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`] ?? "")
  const right = secrets.map((secret) =>
    createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
      .update(`${id}.${timestamp}.${body}`)
      .digest(),
  )
  return signatures!.split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64")
    return right.some((one) => one.length === given.length && timingSafeEqual(one, given))
  })
}

export const expiredSinksJob: Job = {
  name: "expired sinks",
  every: 3600,
  by: "installation",
  run: () => deleteExpiredSinks(now()),
}
