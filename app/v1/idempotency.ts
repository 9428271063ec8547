import { createHash } from "node:crypto"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"

import { claimKey, settleKey, type Claim } from "@/lib/idempotency/idempotency"
import { log } from "@/lib/log"

declare module "fastify" {
  interface FastifyRequest {
    /** The raw body. */
    rawBody?: string
    claim?: Claim
  }
}

/** The headers that belong to the response itself rather than to the moment it was sent. */
const replayedHeaders = ["content-type", "location", "x-should-retry", "preference-applied"]

/** Handles a POST with an Idempotency-Key once; repeating it returns the same response. */
export function answerIdempotently(api: FastifyInstance) {
  api.decorateRequest("rawBody")
  api.decorateRequest("claim")

  // Only POST routes take a key.
  api.addHook("onRoute", (route) => {
    if (![route.method].flat().includes("POST")) return
    route.preHandler = [claim, route.preHandler ?? []].flat()
    route.onSend = [route.onSend ?? [], settle].flat()
  })
}

async function claim(request: FastifyRequest, reply: FastifyReply) {
  const key = request.headers["idempotency-key"]
  if (key === undefined) return
  const outcome = await claimKey(request.actor, String(key), fingerprint(request))
  if (!("status" in outcome)) {
    request.claim = outcome
    return
  }
  const { repeat } = request.routeOptions.config
  const body = repeat && outcome.status < 300 ? await repeat(request, predictionIn(outcome.body)) : outcome.body
  reply.code(outcome.status).headers(outcome.headers).header("idempotent-replayed", "true")
  // Bytes, because Fastify would add a charset to text, which the first response may not have had.
  return reply.send(body === "" ? undefined : Buffer.from(body))
}

async function settle(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  const { claim } = request
  if (!claim) return
  request.claim = undefined
  const headers = replayedHeaders.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)]]
  })
  const text = typeof payload === "string" ? payload : ""
  const answer = {
    status: reply.statusCode,
    headers: Object.fromEntries(headers),
    body: request.routeOptions.config.repeat && reply.statusCode < 300 ? predictionIn(text) : text,
  }
  // The work is done: the client gets the response even if it could not be stored.
  await settleKey(claim, answer).catch((error) =>
    log("error", "a response could not be stored", { error, request_id: request.id }),
  )
}

/** The ID of the prediction in a response; also in what is stored of it, which is that ID. */
const predictionIn = (text: string) => /[0-9a-z]{26}/.exec(text)?.[0] ?? ""

const fingerprint = ({ method, url, rawBody = "" }: FastifyRequest) =>
  createHash("sha256").update(`${method} ${url}\n${rawBody}`).digest("hex")
