import type { FastifyError, FastifyInstance, FastifyReply } from "fastify"

import { drainBody } from "@/lib/http/drain-body"
import type { log } from "@/lib/log"
import { asProblem, problem, Problem } from "@/lib/problem"

/** The registry error code of a problem, by its kind and what it is about. */
const codes: Record<string, [code: string, status?: number]> = {
  "missing name": ["NAME_UNKNOWN"],
  "missing blob": ["BLOB_UNKNOWN"],
  "missing manifest": ["MANIFEST_UNKNOWN"],
  "missing upload": ["BLOB_UPLOAD_UNKNOWN"],
  missing: ["NAME_UNKNOWN"],
  "invalid name": ["NAME_INVALID"],
  "invalid digest": ["DIGEST_INVALID"],
  "invalid manifest": ["MANIFEST_INVALID"],
  "invalid part": ["MANIFEST_BLOB_UNKNOWN"],
  "invalid size": ["SIZE_INVALID"],
  invalid: ["DENIED", 403],
  "conflict range": ["BLOB_UPLOAD_INVALID", 416],
  conflict: ["DENIED"],
  unreadable: ["UNSUPPORTED"],
  unauthenticated: ["UNAUTHORIZED"],
  forbidden: ["DENIED"],
  tooLarge: ["SIZE_INVALID"],
  unprocessable: ["DENIED"],
  throttled: ["TOOMANYREQUESTS"],
  unexpected: ["UNKNOWN"],
  unavailable: ["UNAVAILABLE"],
  full: ["DENIED"],
}

/** A method the path does not have. The error lists those it has. */
export const unsupported = (method: string, allowed: string[]) =>
  problem("unreadable", `${method} is not supported here.`, { method: allowed.join(", ") })

/**
 * Sends every error as the error list of the OCI specification. Unexpected ones are logged. `allowedAt` returns the
 * methods of a path.
 */
export function answerErrors(app: FastifyInstance, report: typeof log, allowedAt: (url: string) => string[]) {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = translated(error)
    // Clients resume uploads that were interrupted, so a broken connection is not logged as an error.
    if (refusal.status >= 500 && !request.raw.destroyed)
      report("error", "a request failed", {
        error,
        request_id: request.id,
        method: request.method,
        path: request.url.split("?", 1)[0],
      })
    drainBody(request, reply)
    sendRefusal(reply, refusal)
  })
  app.setNotFoundHandler(({ url, method }, reply) => {
    const allowed = allowedAt(url)
    sendRefusal(reply, allowed.length > 0 ? unsupported(method, allowed) : problem("missing", "Not found."))
  })
}

function translated(error: FastifyError): Problem {
  if (error instanceof Problem) return error
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) return problem("unreadable", error.message)
  return asProblem(error)
}

export function sendRefusal(reply: FastifyReply, refusal: Problem) {
  const subject = Object.keys(refusal.fields)[0]
  const [code, status = refusal.status] = codes[`${refusal.kind} ${subject}`] ?? codes[refusal.kind]!
  if (subject === "method") reply.code(405).header("allow", refusal.fields.method)
  else reply.code(status)
  if (refusal.retryAfter !== undefined) reply.header("retry-after", refusal.retryAfter)
  // With a detail other than null, Docker stops immediately and prints the message instead of retrying for most of a
  // minute.
  const body = JSON.stringify({ errors: [{ code, message: refusal.detail, detail: {} }] })
  return reply.type("application/json").serializer(String).send(body)
}
