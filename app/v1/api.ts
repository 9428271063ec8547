import fastifySwagger from "@fastify/swagger"
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify"
import { jsonSchemaTransform, jsonSchemaTransformObject, validatorCompiler } from "fastify-type-provider-zod"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { originOf } from "@/lib/origin"
import { asProblem, invalid, missing, problem, Problem, type Fields } from "@/lib/problem"
import { authenticateToken } from "@/lib/tokens/token"
import { account } from "./account"
import { describeApi } from "./document"
import { hardware } from "./hardware"
import { trackMethods } from "./methods"
import { models } from "./models"

declare module "fastify" {
  interface FastifyRequest {
    /** Who the token speaks for; set on every route but the open ones. */
    actor: Actor
    /** Where this instance is reached, for absolute links. */
    site: string
  }
  interface FastifyContextConfig {
    /** Answers without a token. */
    open?: boolean
  }
}

/** Bodies are small JSON documents; anything larger is a mistake or an attack. */
const bodyLimit = 1024 * 1024

/** The API under /v1: a Fastify application that knows bearer tokens and nothing of Next. */
export async function buildApi(): Promise<FastifyInstance> {
  const api = Fastify({
    bodyLimit,
    logger: { level: env.LOG_LEVEL, redact: ["req.headers.authorization"] },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  })
  const allowedOn = trackMethods(api)

  readJson(api)
  // The verbs behind the routes parse bodies themselves, with the very schema the document shows.
  api.setValidatorCompiler((route) => (route.httpPart === "body" ? () => true : validatorCompiler(route as never)))
  api.setSerializerCompiler(() => JSON.stringify)

  api.decorateRequest("actor")
  api.decorateRequest("site", {
    getter(this: FastifyRequest) {
      return originOf(this.headers)
    },
  })
  api.addHook("onRequest", async (request) => {
    if (!request.routeOptions.config.open) request.actor = await authenticate(request)
  })
  api.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff").header("cache-control", "private, no-cache")
  })

  api.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = translated(error)
    if (refusal.kind === "unexpected") request.log.error(error)
    send(reply, refusal)
  })
  api.setNotFoundHandler((request, reply) => {
    const allow = allowedOn(request.url)
    if (allow.length === 0) throw missing()
    reply.header("allow", allow.join(", "))
    if (request.method === "OPTIONS") return reply.code(204).send()
    reply
      .code(405)
      .type("application/problem+json")
      .send({ title: "Method not allowed", detail: `Method "${request.method}" not allowed.`, status: 405 })
  })

  await api.register(fastifySwagger, { openapi: describeApi(), transform: jsonSchemaTransform, transformObject: jsonSchemaTransformObject })
  await api.register(
    async (v1) => {
      await v1.register(models)
      await v1.register(hardware)
      await v1.register(account)
      v1.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, async () => api.swagger())
    },
    { prefix: "/v1" },
  )
  await api.ready()
  return api
}

async function authenticate(request: FastifyRequest): Promise<Actor> {
  const header = request.headers.authorization
  if (!header) throw problem("unauthenticated", "You did not pass an authentication token")
  const [, token] = /^(?:Bearer|Token) +(\S+)$/i.exec(header.trim()) ?? []
  const actor = token && (await authenticateToken(token, "api"))
  if (!actor) throw problem("unauthenticated", "You did not pass a valid authentication token")
  return actor
}

/** JSON is read as JSON whatever the content type says: the classic documentation's curl call labels it as a form. */
function readJson(api: FastifyInstance) {
  const parse = api.getDefaultJsonParser("remove", "remove")
  api.removeAllContentTypeParsers()
  api.addContentTypeParser("*", { parseAs: "string" }, (request, body, done) => {
    if (body === "") return done(null, undefined)
    parse(request, body as string, (error, value) => {
      if (error) return done(problem("unreadable", `The request body is not valid JSON: ${reasonOf(error)}.`) as never)
      done(null, value)
    })
  })
}

const reasonOf = (error: Error) => error.message.replace(/[\n\r]+/g, " ").replace(/\.$/, "").slice(0, 200)

/** Fastify's own refusals in our words; everything else is for asProblem to judge. */
function translated(error: FastifyError): Problem {
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return problem("tooLarge", `The request body is larger than ${bodyLimit / 1024 / 1024} MB.`)
  if (error.validation) return invalid(fieldsOfValidation(error))
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500 && !(error instanceof Problem))
    return problem("unreadable", error.message)
  return asProblem(error)
}

function fieldsOfValidation(error: FastifyError): Fields {
  const fields: Fields = {}
  for (const { instancePath, message } of error.validation ?? []) fields[instancePath.slice(1).replaceAll("/", ".")] ??= message ?? "Invalid"
  return fields
}

type Reply = Parameters<Parameters<FastifyInstance["setErrorHandler"]>[0]>[2]

function send(reply: Reply, refusal: Problem) {
  const { title, detail, status, fields, retryAfter } = refusal
  const errors = Object.entries(fields).map(([field, complaint]) => ({ pointer: `/${field.replaceAll(".", "/")}`, detail: complaint }))
  // Some official clients send a refused create again unless told not to.
  if (status === 409) reply.header("x-should-retry", "false")
  if (retryAfter !== undefined) reply.header("retry-after", retryAfter)
  reply
    .code(status)
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send({ title, detail, status, ...(retryAfter !== undefined && { retry_after: retryAfter }), ...(errors.length > 0 && { errors }) })
}
