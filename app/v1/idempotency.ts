import { createHash } from "node:crypto"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"

import { claimKey, settleKey, type Claim } from "@/lib/idempotency/idempotency"
import { log } from "@/lib/log"

declare module "fastify" {
  interface FastifyRequest {
    /** The body as it was sent. */
    rawBody?: string
    claim?: Claim
  }
}

/** What of an answer's head belongs to the answer itself rather than to the moment it was given. */
const keptHeaders = ["content-type", "location", "x-should-retry", "preference-applied"]

/** A POST with an Idempotency-Key is carried out once; whoever sends it again gets the same answer. */
export function answerIdempotently(api: FastifyInstance) {
  api.decorateRequest("rawBody")
  api.decorateRequest("claim")

  // Only where there is something to do twice: nobody else passes by here.
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
  reply.code(outcome.status).headers(outcome.headers).header("idempotent-replayed", "true")
  // Bytes, because to a text Fastify would add a charset that the first answer may not have had.
  return reply.send(outcome.body === "" ? undefined : Buffer.from(outcome.body))
}

async function settle(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  const { claim } = request
  if (!claim) return
  request.claim = undefined
  const headers = keptHeaders.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)]]
  })
  const answer = {
    status: reply.statusCode,
    headers: Object.fromEntries(headers),
    body: typeof payload === "string" ? payload : "",
  }
  // The work is done by now: whoever asked gets the answer even when it could not be kept.
  await settleKey(claim, answer).catch((error) =>
    log("error", "an answer could not be kept", { error, request_id: request.id }),
  )
}

const fingerprint = ({ method, url, rawBody = "" }: FastifyRequest) =>
  createHash("sha256").update(`${method} ${url}\n${rawBody}`).digest("hex")
