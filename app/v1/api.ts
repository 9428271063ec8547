import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import fastifySwagger from "@fastify/swagger"
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { validatorCompiler } from "fastify-type-provider-zod"

import { requireScope, type Actor } from "@/lib/auth/actor"
import { mostDigits, TooManyDigits, withIntegers, withMarks } from "@/lib/exact-json"
import { log } from "@/lib/log"
import { originOf } from "@/lib/origin"
import { Problem, problem } from "@/lib/problem"
import { createLimiter, type Limiter } from "@/lib/rate-limits/limiter"
import { authenticateFingerprint, fingerprintOf } from "@/lib/tokens/token"
import { account } from "./account"
import { aliases } from "./aliases"
import { batches } from "./batches"
import { collections } from "./collections"
import { deployments } from "./deployments"
import { document } from "./document"
import { answerProblems, refuseAddress, unknownRoutes } from "./errors"
import { addEtags } from "./etag"
import { files } from "./files"
import { examples } from "./examples"
import { hardware } from "./hardware"
import { answerIdempotently } from "./idempotency"
import { jsonErrorIn } from "./json-error"
import { trackMethods } from "./methods"
import { models } from "./models"
import { keepFirstParameters, sendJson } from "./paging"
import { predictions } from "./predictions"
import { trainings } from "./trainings"
import { rateLimiter } from "./rate-limit"
import { search } from "./search"
import { streams } from "./streams"
import { versions } from "./versions"
import { webhooks } from "./webhooks"

declare module "fastify" {
  interface FastifyRequest {
    /** The actor of the token; set on every route that needs one. */
    actor: Actor
    /** The origin of this installation, for absolute links. */
    origin: string
  }
  interface FastifyContextConfig {
    /** Whether the route needs no token. */
    open?: boolean
    /** Whether the URL itself grants access; such requests are not rate limited. */
    isEntitled?: (params: unknown) => boolean
    /** Creating and reading predictions have rate limits of their own. */
    limit?: "create" | "read"
    /** Sends `Cache-Control: no-store`, because the response is soon outdated. */
    unstored?: boolean
    /**
     * Repeats the response to a POST with an Idempotency-Key, given the ID of its prediction. For responses with data
     * that may be deleted meanwhile, which are not stored.
     */
    repeat?: (request: FastifyRequest, id: string) => Promise<string>
  }
}

/** Bodies are small JSON documents; anything larger is a mistake or an attack. */
const bodyLimit = 1024 * 1024

/**
 * The API under /v1: a Fastify application that accepts bearer tokens and does not depend on Next. `report` logs
 * unexpected errors.
 */
export async function buildApi({
  report = log,
  limiter = createLimiter(),
}: { report?: typeof log; limiter?: Limiter } = {}): Promise<FastifyInstance> {
  const api = Fastify({
    bodyLimit,
    // server/observe.mjs logs every request and gives it its id.
    logger: false,
    genReqId: ({ headers }) => String(headers["x-request-id"] ?? ""),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    rewriteUrl: followOwnLink,
    frameworkErrors: (error, request, reply) => refuseAddress(error, dressed(request, reply)),
  })
  const answerUnknown = unknownRoutes(trackMethods(api))
  answerProblems(api, answerUnknown, report)

  readJson(api)
  // The verbs parse bodies themselves, with the schema that the document shows.
  api.setValidatorCompiler((route) => (route.httpPart === "body" ? () => true : validatorCompiler(route as never)))
  api.setSerializerCompiler(() => JSON.stringify)

  api.decorateRequest("actor")
  api.decorateRequest("origin", {
    getter(this: FastifyRequest) {
      return originOf(this.headers)
    },
  })

  const admit = rateLimiter(limiter)
  api.addHook("onRequest", async (request, reply) => {
    const { authorization } = request.headers
    const actor = authorization ? await actorOf(request.raw, authorization) : undefined
    // The limiter returns a promise only if it has to wait.
    const isEntitled = request.routeOptions.config.isEntitled?.(request.params)
    const admitted = isEntitled ? undefined : admit(request, reply, actor)
    if (admitted) await admitted
    if (actor) {
      if (!request.is404) requireScope(actor, reads.has(request.method) ? "read" : "write")
      request.actor = actor
    } else if (!request.routeOptions.config.open) {
      throw problem("unauthenticated", `You did not pass ${authorization ? "a valid" : "an"} authentication token`)
    }
    // Before the body is parsed: without a valid token its errors do not matter.
    if (request.is404) return answerUnknown(request, reply)
  })
  // Hooks that need not wait return no promise: a request passes a dozen of them.
  api.addHook("onSend", (request, reply, payload, done) => {
    dressed(request, reply)
    done(null, payload)
  })
  api.addHook("preValidation", keepFirstParameters)
  addEtags(api)
  answerIdempotently(api)

  await api.register(fastifySwagger, document)
  // Serialized once: it is long and never changes.
  let described: string | undefined
  await api.register(
    async (v1) => {
      await v1.register(models)
      await v1.register(predictions)
      await v1.register(batches)
      await v1.register(trainings)
      await v1.register(deployments)
      await v1.register(examples)
      await v1.register(versions)
      await v1.register(aliases)
      await v1.register(collections)
      await v1.register(search)
      await v1.register(hardware)
      await v1.register(account)
      await v1.register(files)
      await v1.register(streams)
      await v1.register(webhooks)
      v1.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, async (_request, reply) =>
        sendJson(reply, (described ??= JSON.stringify(api.swagger()))),
      )
    },
    { prefix: "/v1" },
  )
  await api.ready()
  return api
}

/** Headers of every response. */
const dressed = (request: FastifyRequest, reply: FastifyReply) => {
  if (request.id) reply.header("x-request-id", request.id)
  return reply
    .header("x-content-type-options", "nosniff")
    .header("cache-control", request.routeOptions?.config?.unstored ? "no-store" : "private, no-cache")
}

const reads = new Set(["GET", "HEAD", "QUERY"])

/**
 * Authenticates every request. The token's fingerprint is computed once per connection, which rarely sends another
 * token.
 */
function actorOf({ socket, headers }: IncomingMessage, authorization: string): Promise<Actor | undefined> {
  let last = shown.get(socket)
  if (last?.authorization !== authorization) {
    const [, token] = /^(?:Bearer|Token) +(\S+)$/i.exec(authorization.trim()) ?? []
    last = { authorization, fingerprint: token === undefined ? undefined : fingerprintOf(token) }
    shown.set(socket, last)
  }
  const address = headers["x-understudy-address"]
  return authenticateFingerprint(last.fingerprint, "api", address === undefined ? null : String(address))
}
const shown = new WeakMap<Socket, { authorization: string; fingerprint: string | undefined }>()

/** JSON is accepted with any content type: the curl example of Replicate's documentation sends it as a form. */
function readJson(api: FastifyInstance) {
  const parse = api.getDefaultJsonParser("remove", "remove")
  api.removeAllContentTypeParsers()
  api.addHook("onRequest", ({ raw: { headers, method } }, _reply, done) => {
    if (
      method !== "GET" &&
      headers["content-type"] !== "application/json" &&
      !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+/.test(headers["content-type"] ?? "")
    )
      headers["content-type"] = "application/json"
    done()
  })
  api.addContentTypeParser("*", { parseAs: "string" }, (request, body, done) => {
    request.rawBody = String(body)
    if (body === "") return done(null, undefined)
    // The body of QUERY is text and need not be JSON.
    if (request.method === "QUERY") return done(null, body)
    const marked = orProblem(() => withMarks(body as string, { refuse: true }))
    if (marked instanceof Problem) return done(marked as never)
    parse(request, marked, (error, value) => {
      if (error)
        return done(
          problem("unreadable", `The request body is not valid JSON: ${jsonErrorIn(body as string)}.`) as never,
        )
      if (marked === body) return done(null, value)
      const exact = orProblem(() => withIntegers(value))
      if (exact instanceof Problem) done(exact as never)
      else done(null, exact)
    })
  })
}

function orProblem<T>(read: () => T): T | Problem {
  try {
    return read()
  } catch (error) {
    const digits = `The request body has a number with more than ${mostDigits.toLocaleString("en-US")} digits.`
    return problem("unreadable", error instanceof TooManyDigits ? digits : "The request body is nested too deeply.")
  }
}

/** The Go client requests /v1/ followed by the whole URL of `next`; such a path is rewritten. */
function followOwnLink({
  url = "/",
  headers,
}: {
  url?: string
  headers: Record<string, string | string[] | undefined>
}): string {
  const [, scheme, rest] = /^\/v1\/(https?:)\/+(.*)$/.exec(url) ?? []
  if (!scheme) return url
  const origin = originOf(headers)
  const address = `${scheme}//${rest}`
  return address.startsWith(`${origin}/v1/`) ? address.slice(origin.length) : url
}
