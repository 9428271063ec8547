import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import type { Readable } from "node:stream"

import { parseRange } from "@/lib/http/range"
import { log } from "@/lib/log"
import { problem, Problem } from "@/lib/problem"
import { pullableModel, pushableModel, type Caller } from "@/lib/registry/access"
import { readBlob } from "@/lib/images/blobs"
import { modelNamed, parseRegistryPath, type RegistryRoute } from "@/lib/registry/path"
import {
  deleteBlob,
  deleteManifest,
  getBlob,
  getManifest,
  listReferrers,
  listTags,
  manifestLimit,
  putManifest,
  pullManifest,
} from "@/lib/registry/registry"
import { allows, type Action, type RegistryToken } from "@/lib/registry/registry-token"
import { registryOrigin } from "@/lib/registry/runner-address"
import {
  appendToUpload,
  cancelUpload,
  finishUpload,
  mountBlob,
  startUpload,
  uploadSize,
  type Chunk,
} from "@/lib/registry/upload"
import { cogSignIn } from "./cog"
import { answerErrors, sendRefusal, unsupported } from "./errors"
import { createLimiter, type Limiter } from "@/lib/rate-limits/limiter"
import { admit } from "./rate-limit"
import { issueRegistryToken, authenticate } from "./sign-in"
import { lengthOf, startOf, wholeBody } from "./wire"

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller
    registryToken?: RegistryToken
    registryRoute: RegistryRoute
  }
}

type In<A extends RegistryRoute["at"]> = Extract<RegistryRoute, { at: A }>
type Handler<P> = (request: FastifyRequest, reply: FastifyReply, route: P) => Promise<unknown>

/**
 * The registry under /v2, OCI distribution 1.1: what Docker, Cog, skopeo and others push to and pull from. `report`
 * logs unexpected errors.
 */
export async function buildRegistry({
  report = log,
  limiter = createLimiter(),
}: { report?: typeof log; limiter?: Limiter } = {}): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    genReqId: ({ headers }) => String(headers["x-request-id"] ?? ""),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 4000, ignoreTrailingSlash: true },
    // Handlers read the body themselves and enforce their own limits.
    bodyLimit: Number.MAX_SAFE_INTEGER,
    frameworkErrors: (_error, _request, reply) =>
      void sendRefusal(reply, problem("invalid", "The URL is invalid.", { name: "address" })),
  })
  answerErrors(app, report, (url) => allowedAt(parseRegistryPath(url)))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", (_request, _payload, done) => done(null))
  app.addHook("onRequest", async ({ raw }) => {
    // Some clients send no content type or a wrong one: only that of a manifest matters, and it is read from the raw
    // headers.
    raw.headers["content-type"] = "application/octet-stream"
  })
  app.decorateRequest("caller")
  app.decorateRequest("registryToken")
  app.decorateRequest("registryRoute")

  await app.register(async (cog) => {
    cog.addHook("onRequest", (request) => admit(limiter, request, null))
    await cog.register(cogSignIn)
  })
  await app.register(async (v2) => {
    v2.addHook("onRequest", async (request, reply) => {
      reply.header("docker-distribution-api-version", "registry/2.0").header("x-content-type-options", "nosniff")
      const origin = registryOrigin(request.headers)
      request.registryRoute = parseRegistryPath(request.raw.url!)
      request.caller = { actor: null, origin }
      reply.header("www-authenticate", challenge(request))
      const { actor, registryToken } = await authenticate(request).catch(async (error: unknown) => {
        await admit(limiter, request, null)
        throw error
      })
      await admit(limiter, request, actor)
      request.caller = { actor, origin }
      request.registryToken = registryToken
    })
    v2.addHook("onSend", async (_request, reply) => {
      if (reply.statusCode !== 401) reply.removeHeader("www-authenticate")
    })
    v2.route({ method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], url: "/v2", handler: answer })
    v2.route({ method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], url: "/v2/*", handler: answer })
  })
  await app.ready()
  return app
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { registryRoute: route, method } = request
  const handler = handlersAt(route)[method === "HEAD" ? "GET" : method]
  if (!handler) throw unsupported(method, allowedAt(route))
  await requireGrant(request)
  return handler(request, reply, route)
}

const handlersAt = (route: RegistryRoute) => handlers[route.at] as Record<string, Handler<RegistryRoute>>

/** The methods of a path; none if there is nothing there. */
const allowedAt = (route: RegistryRoute): string[] =>
  ["nowhere", "misnamed", "misdigested", "mistagged"].includes(route.at)
    ? []
    : Object.keys(handlersAt(route)).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : method))

const handlers: { [A in RegistryRoute["at"]]: Record<string, Handler<In<A>>> } = {
  root: {
    GET: async ({ caller }, reply) => {
      if (!caller.actor)
        throw problem("unauthenticated", "Sign in with docker login: your username, and an API token as the password.")
      return reply.send({})
    },
  },

  token: {
    GET: async ({ caller, query, registryToken }, reply) => {
      const { scope = [] } = query as { scope?: string | string[] }
      return reply
        .header("cache-control", "no-store")
        .send(await issueRegistryToken(caller, [scope].flat(), registryToken))
    },
  },

  blob: {
    GET: async (request, reply, { owner, name, digest }) => {
      const blob = await getBlob(request.caller, owner, name, digest)
      const span = parseRange(request.headers.range, blob.size)
      const isKnown = request.headers["if-none-match"]?.includes(digest)
      // Opened first: an error must not carry the headers of a blob.
      const source = request.method === "HEAD" || isKnown || span === "outside" ? undefined : await readBlob(blob, span)
      reply
        .headers({
          "docker-content-digest": digest,
          etag: `"${digest}"`,
          "accept-ranges": "bytes",
          "cache-control": "private, max-age=31536000, immutable",
        })
        .type("application/octet-stream")
      if (isKnown) return reply.code(304).send()
      if (span === "outside") return reply.code(416).header("content-range", `bytes */${blob.size}`).send()
      if (span) reply.code(206).header("content-range", `bytes ${span.start}-${span.end}/${blob.size}`)
      reply.header("content-length", span ? span.end - span.start + 1 : blob.size)
      return reply.send(source)
    },
    DELETE: async ({ caller }, reply, { owner, name, digest }) => {
      await deleteBlob(caller, owner, name, digest)
      return reply.code(202).send()
    },
  },

  uploads: {
    POST: async (request, reply, { owner, name }) => {
      const { mount, from, digest } = onlyTexts(request.query)
      if (
        mount &&
        from &&
        (await mayMount(request, from, mount)) &&
        (await mountBlob(request.caller, owner, name, { digest: mount, from }))
      )
        return created(reply, owner, name, mount)
      const id = await startUpload(request.caller, owner, name)
      if (digest) return finish(request, reply, { owner, name, id, digest })
      return uploading(reply, owner, name, id, 0).code(202).send()
    },
  },

  upload: {
    GET: async ({ caller }, reply, { owner, name, id }) =>
      uploading(reply, owner, name, id, await uploadSize(caller, owner, name, id))
        .code(204)
        .send(),
    PATCH: async (request, reply, { owner, name, id }) => {
      const size = await append(request, reply, { owner, name, id })
      return uploading(reply, owner, name, id, size).code(202).send()
    },
    PUT: async (request, reply, { owner, name, id }) => {
      const { digest = "" } = onlyTexts(request.query)
      return finish(request, reply, { owner, name, id, digest })
    },
    DELETE: async ({ caller }, reply, { owner, name, id }) => {
      await cancelUpload(caller, owner, name, id)
      return reply.code(204).send()
    },
  },

  manifest: {
    GET: async (request, reply, { owner, name, reference }) => {
      // HEAD does not count as a pull: clients that push use it to check whether the manifest exists.
      const find = request.method === "HEAD" ? getManifest : pullManifest
      const { digest, media_type, body, size } = await find(request.caller, owner, name, reference)
      reply
        .headers({
          "docker-content-digest": digest,
          etag: `"${digest}"`,
          "content-length": size,
          "cache-control": "private, no-cache",
        })
        .type(media_type)
      if (request.headers["if-none-match"]?.includes(digest))
        return reply.code(304).removeHeader("content-length").send()
      return reply.send(request.method === "HEAD" ? undefined : Buffer.from(body))
    },
    PUT: async (request, reply, { owner, name, reference }) => {
      // Before the body is read, so that strangers cannot send one.
      await pushableModel(request.caller, owner, name)
      const body = await wholeBody(request.raw, manifestLimit)
      await askAgain(request)
      const { digest, subject } = await putManifest(request.caller, owner, name, reference, body, labelOf(request))
      if (subject) reply.header("oci-subject", subject)
      return reply
        .code(201)
        .header("location", `/v2/${owner}/${name}/manifests/${digest}`)
        .header("docker-content-digest", digest)
        .send()
    },
    DELETE: async ({ caller }, reply, { owner, name, reference }) => {
      await deleteManifest(caller, owner, name, reference)
      return reply.code(202).send()
    },
  },

  tags: {
    GET: async ({ caller, query }, reply, { owner, name }) => {
      const { n, last } = onlyTexts(query)
      const limit = n === undefined ? undefined : Number(n)
      if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
        throw problem("invalid", "n is not a number of tags.", { size: "n" })
      const { tags, more } = await listTags(caller, owner, name, { last, limit })
      if (more)
        reply.header(
          "link",
          `</v2/${owner}/${name}/tags/list?n=${tags.length}&last=${encodeURIComponent(tags.at(-1)!)}>; rel="next"`,
        )
      return reply.send({ name: `${owner}/${name}`, tags })
    },
  },

  referrers: {
    GET: async ({ caller, query }, reply, { owner, name, digest }) => {
      const { artifactType, last } = onlyTexts(query)
      const { manifests, next } = await listReferrers(caller, owner, name, digest, { artifactType, from: last })
      if (artifactType) reply.header("oci-filters-applied", "artifactType")
      if (next) {
        const rest = new URLSearchParams({ ...(artifactType && { artifactType }), last: next })
        reply.header("link", `</v2/${owner}/${name}/referrers/${digest}?${rest}>; rel="next"`)
      }
      const mediaType = "application/vnd.oci.image.index.v1+json"
      return reply
        .type(mediaType)
        .serializer(String)
        .send(JSON.stringify({ schemaVersion: 2, mediaType, manifests }))
    },
  },

  misnamed: refusing(({ repository }) =>
    problem("invalid", `${repository} is not a model: push to HOST/OWNER/NAME, all in lowercase.`, {
      name: repository,
    }),
  ),
  misdigested: refusing(({ digest }) =>
    problem("invalid", `${digest.slice(0, 200)} is not a SHA-256 or SHA-512 digest.`, { digest }),
  ),
  mistagged: refusing(({ tag }) =>
    problem(
      "invalid",
      `${tag.slice(0, 200)} cannot be a tag: letters, numbers, dots, dashes and underscores, at most 128.`,
      { manifest: tag },
    ),
  ),
  nowhere: refusing(() => problem("missing", "Not found.")),
}

function refusing<P>(refusal: (route: P) => Problem): Record<string, Handler<P>> {
  const refuse: Handler<P> = async (_request, _reply, route) => {
    throw refusal(route)
  }
  return { GET: refuse, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse }
}

async function finish(
  request: FastifyRequest,
  reply: FastifyReply,
  { digest, ...upload }: Uploading & { digest: string },
) {
  const { owner, name, id } = upload
  await append(request, reply, upload)
  await askAgain(request)
  await finishUpload(request.caller, owner, name, id, digest)
  return created(reply, owner, name, digest)
}

/** The body may have taken long to arrive: a token revoked in the meantime has no effect any more. */
async function askAgain(request: FastifyRequest) {
  const { actor } = await authenticate(request)
  request.caller = { ...request.caller, actor }
}

type Uploading = { owner: string; name: string; id: string }

async function append(request: FastifyRequest, reply: FastifyReply, { owner, name, id }: Uploading): Promise<number> {
  const { raw } = request
  const chunk: Chunk = {
    source: raw as Readable,
    length: lengthOf(raw),
    start: startOf(raw.headers["content-range"], lengthOf(raw)),
  }
  try {
    return await appendToUpload(request.caller, owner, name, id, chunk)
  } catch (error) {
    const size = (error as Problem).fields?.range
    if (size !== undefined) uploading(reply, owner, name, id, Number(size))
    throw error
  }
}

/** Of a repeated parameter, the first counts. */
const onlyTexts = (query: unknown): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).map(([name, value]) => [
      name,
      Array.isArray(value) ? value[0] : value,
    ]),
  )

const uploading = (reply: FastifyReply, owner: string, name: string, id: string, size: number) =>
  reply.headers({
    location: `/v2/${owner}/${name}/blobs/uploads/${id}`,
    "docker-upload-uuid": id,
    range: `0-${Math.max(0, size - 1)}`,
  })

const created = (reply: FastifyReply, owner: string, name: string, digest: string) =>
  reply
    .code(201)
    .headers({ location: `/v2/${owner}/${name}/blobs/${digest}`, "docker-content-digest": digest })
    .send()

/** The content type of a manifest; onRequest has replaced the header. */
function labelOf({ raw }: FastifyRequest): string | undefined {
  const at = raw.rawHeaders.findIndex((header, n) => n % 2 === 0 && header.toLowerCase() === "content-type")
  return at < 0 ? undefined : raw.rawHeaders[at + 1]
}

const actionOf = (method: string): Action =>
  method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "push"

/** The actions a request needs. Clients that push need them to check an upload, too. */
const actionAt = (route: RegistryRoute, method: string): Action => (route.at === "upload" ? "push" : actionOf(method))

/**
 * The WWW-Authenticate challenge: where to get a registry token, and its scope, which clients repeat. A mount needs
 * read access to a second model.
 */
function challenge({ caller: { origin }, registryRoute: route, method, query }: FastifyRequest): string {
  const realm = `Bearer realm="${origin}/v2/token",service="${new URL(origin).host}"`
  if (!("owner" in route)) return realm
  const actions = { pull: "pull", push: "pull,push", delete: "pull,push,delete" }[actionAt(route, method)]
  const { mount, from } = onlyTexts(query)
  const source = route.at === "uploads" && mount && from && modelNamed(from) ? ` repository:${from}:pull` : ""
  return `${realm},scope="repository:${route.owner}/${route.name}:${actions}${source}"`
}

/**
 * Requires that the registry token covers the action, except for pulls of public models. If it does not, but the
 * account has the right, throws `unauthenticated`, so that the client requests another token; without the right, throws
 * what the verb would.
 */
async function requireGrant({ registryToken, registryRoute: route, method, caller }: FastifyRequest) {
  if (!registryToken || !("owner" in route)) return
  const { owner, name } = route
  const action = actionAt(route, method)
  if (allows(registryToken, `${owner}/${name}`, action)) return
  if (action !== "pull") await pushableModel(caller, owner, name)
  else if ((await pullableModel(caller, owner, name)).visibility === "public") return
  throw problem("unauthenticated", `The token does not cover ${action} on ${owner}/${name}.`)
}

/**
 * Whether the blob may be mounted from another model: it is public, or the registry token covers it. If only the token
 * is missing the grant, throws `unauthenticated`, so that the client requests another one; if the account may not read
 * the blob, returns false, and the client has to upload it.
 */
async function mayMount({ registryToken, caller }: FastifyRequest, from: string, digest: string): Promise<boolean> {
  const source = modelNamed(from)
  if (!source) return false
  if (!registryToken || allows(registryToken, from, "pull")) return true
  if (!(await reaches(getBlob(caller, source.owner, source.name, digest)))) return false
  if ((await pullableModel(caller, source.owner, source.name)).visibility === "public") return true
  throw problem("unauthenticated", `The token does not cover pull on ${from}, from which ${digest} would be mounted.`)
}

const reaches = (found: Promise<unknown>): Promise<boolean> =>
  found.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Problem) return false
      throw error
    },
  )
