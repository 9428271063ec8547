import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { ZodError } from "zod"

import { drainBody } from "@/lib/http/drain-body"
import type { log } from "@/lib/log"
import { InvalidInput } from "@/lib/predictions/invalid-input"
import { asProblem, invalid, missing, problem, Problem, type Fields } from "@/lib/problem"

/** Sends every error as problem JSON: ours, Fastify's, and unexpected ones, which are logged. */
export function answerProblems(api: FastifyInstance, answerUnknown: Answer, report: typeof log) {
  api.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = translated(error, request.routeOptions?.bodyLimit)
    if (refusal.status >= 500)
      report("error", "a request failed", {
        error,
        request_id: request.id,
        method: request.method,
        path: request.url.split("?", 1)[0],
      })
    drainBody(request, reply)
    sendProblem(reply, refusal)
  })
  api.setNotFoundHandler(answerUnknown)
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** Responds to requests without a route: 404 if the path is unknown, otherwise 405, or 204 to OPTIONS, with `Allow`. */
export const unknownRoutes =
  (allowedOn: (url: string) => string[]): Answer =>
  (request, reply) => {
    drainBody(request, reply)
    const allow = allowedOn(request.url)
    if (allow.length === 0) return sendProblem(reply, missing())
    reply.header("allow", allow.join(", "))
    if (request.method === "OPTIONS") return reply.code(204).send()
    return sendBody(reply, {
      title: "Method not allowed",
      detail: `Method "${request.method}" not allowed.`,
      status: 405,
    })
  }

/** For requests that are rejected before routing, such as a path that cannot be decoded. */
export const refuseAddress = (error: FastifyError, reply: FastifyReply) =>
  sendProblem(
    reply,
    error.code === "FST_ERR_BAD_URL"
      ? problem("unreadable", "The URL is invalid: % must be followed by two hexadecimal digits.")
      : translated(error),
  )

function translated(error: FastifyError, bodyLimit = 1024 * 1024): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ZodError && error.issues.some(({ path, code }) => path.length === 0 && code === "invalid_type"))
    return problem("unreadable", "The request body must be a JSON object.")
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return problem("tooLarge", `The request body is larger than ${bodyLimit / 1024 / 1024} MB.`)
  if (error.code === "FST_ERR_MAX_PARAM_LENGTH") return missing()
  if (error.validation) return invalid(fieldsOfValidation(error))
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) return problem("unreadable", error.message)
  return asProblem(error)
}

function fieldsOfValidation(error: FastifyError): Fields {
  const fields: Fields = {}
  for (const { instancePath, message } of error.validation ?? [])
    fields[instancePath.slice(1).replaceAll("/", ".")] ??= message ?? "Invalid"
  return fields
}

function sendProblem(reply: FastifyReply, refusal: Problem) {
  const { title, detail, status, fields, retryAfter } = refusal
  const errors = Object.entries(fields).map(([field, complaint]) => ({
    pointer: `/${field.replaceAll(".", "/")}`,
    detail: complaint,
  }))
  // Some official clients retry a rejected create unless told not to.
  if (status === 409) reply.header("x-should-retry", String(retryAfter !== undefined))
  if (status === 401) reply.header("www-authenticate", "Bearer")
  if (retryAfter !== undefined) reply.header("retry-after", retryAfter)
  return sendBody(reply, {
    title,
    detail,
    status,
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
    ...(errors.length > 0 && { errors }),
    ...(refusal instanceof InvalidInput && { invalid_fields: refusal.invalid_fields }),
  })
}

const sendBody = (
  reply: FastifyReply,
  body: {
    title: string
    detail: string
    status: number
    retry_after?: number
    errors?: object[]
    invalid_fields?: object[]
  },
) => reply.code(body.status).type("application/problem+json").serializer(JSON.stringify).send(body)
