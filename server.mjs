// One port: API and registry directly to Fastify, everything else to Next. Started by `npm start` and `npm run dev`.
import "./server/keep-tick-shape.mjs"
import { complain, say } from "./server/console.mjs"
import { AsyncLocalStorage } from "node:async_hooks"
import { randomBytes } from "node:crypto"
import { createServer, Server } from "node:http"
import { url as inspectorUrl } from "node:inspector"
import { inspect } from "node:util"
import next from "next"
import { addressIn, forwardedAddress } from "./server/address.mjs"
import { collectGarbage } from "./server/collect-garbage.mjs"
import { drain } from "./server/drain.mjs"
import { maxFormBytes, maxVisitorFormBytes, refuseLargeForm } from "./server/form-size.mjs"
import { log } from "./server/log.mjs"
import { observe, pathOf, underWay, within } from "./server/observe.mjs"
import { checkFormOrigin } from "./server/origin.mjs"
import { pageQueue } from "./server/page-queue.mjs"
import { mendPlainErrors, sendPlainPage } from "./server/plain-page.mjs"
import { answerProbe } from "./server/probes.mjs"
import { watch } from "./server/watchdog.mjs"

// Only this user can read what the server writes, even in a data folder that was created with wider permissions.
process.umask(0o077)

const dev = process.env.NODE_ENV !== "production"
const port = Number(process.env.PORT || 3000)
const hostname = process.env.HOST || "0.0.0.0"
const trustProxy = process.env.TRUST_PROXY === "1"
/** On the host of FILES_URL there are only files, so that user content shares no origin with pages. */
const filesOrigin = process.env.FILES_URL ? ` ${new URL(process.env.FILES_URL).origin}` : ""
const filesHost = process.env.FILES_URL ? new URL(process.env.FILES_URL).host : undefined
const publicUrl = process.env.PUBLIC_URL || undefined
const isOverHttps = ({ headers }) =>
  publicUrl ? /^https:/i.test(publicUrl) : trustProxy && headers["x-forwarded-proto"]?.split(",")[0].trim() === "https"

// instrumentation.ts resolves this once the database is open and the API is built.
const handlersReady = Promise.withResolvers()
globalThis[Symbol.for("understudy.handlers")] = handlersReady
handlersReady.promise.catch(() => {})

// Some clients offer a protocol upgrade with their first request. Node ignores the offer as long as nobody listens for
// upgrades. Next's listener would leave such clients without a response, and only development needs it: in production
// it is attached to a server that never listens.
const app = next({ dev, hostname: "localhost", port, ...(!dev && { httpServer: new Server() }) })

try {
  await app.prepare()
} catch (error) {
  refuseToStart(error)
}
const handlers = await handlersReady.promise.catch(refuseToStart)
const handlePage = app.getRequestHandler()

// The current request, for pages, actions and log lines; see lib/next/page.ts and lib/log.ts.
const answering = new AsyncLocalStorage()
globalThis[Symbol.for("understudy.answering")] = answering

const server = createServer((request, response) => {
  if (request.url[0] !== "/") request.url = pathAlone(request.url)
  if (hasTwoHosts(request.rawHeaders)) return refuseRequest({}, request.socket)
  settleAddress(request)
  const id = observe(request, response)
  if (isOverHttps(request)) response.setHeader("strict-transport-security", "max-age=31536000")
  const path = pathOf(request.url)
  if (filesHost && hostOf(request) === filesHost && !within(path, "/files")) return answerNothing(response)
  if (within(path, "/v1")) {
    if (path === "/v1/files" && request.method === "POST") limitSilence(request, response)
    else limitArrival(request, response)
    return queue.other(() => handlers.v1(request, response))
  }
  response.setHeader("x-request-id", id)
  if (within(path, "/images")) {
    limitArrival(request, response)
    return ifAdmitted(request, response, () => handlers.image(request, response))
  }
  if (within(path, "/files")) {
    if (filesHost && hostOf(request) !== filesHost) return leadToFilesHost(request, response)
    limitArrival(request, response)
    return ifAdmitted(request, response, () => handlers.file(request, response))
  }
  if (path === "*") return response.writeHead(204).end()
  if (request.method === "TRACE") return response.writeHead(405, { allow: "GET, HEAD, POST" }).end()
  if (answerProbe(path, request, response, { handlers, leaving: leave.begun() })) return
  if (within(path, "/v2") || path.startsWith("/cog/v1/")) {
    if (path.includes("/blobs/uploads/")) limitSilence(request, response)
    else limitArrival(request, response)
    return handlers.v2(request, response)
  }
  limitArrival(request, response)
  const began = performance.now()
  const own = isOwn(request)
  const nonce = secure(request, response)
  const answer = (largestForm) =>
    answering.run({ response, id }, () => {
      const refusal = own ? null : checkFormOrigin(request)
      if (refusal !== null) return refuseForm(request, response, refusal)
      if (!own && refuseLargeForm(path, request, response, largestForm)) return
      markOwn(request)
      mendPlainErrors(request, response)
      answerPage(path, request, response, own ? undefined : nonce, performance.now() - began)
    })
  if (own || path.startsWith("/_next/static/")) answer()
  else ifAdmitted(request, response, async () => answer(await largestFormOf(request)))
})
const leave = drain(server, underWay)
const queue = pageQueue()

/** The limit in bytes for a form of this request. If the session cannot be read, that of signed-in users. */
async function largestFormOf({ method, headers }) {
  if (method !== "POST") return maxFormBytes
  const isSignedIn = await handlers.isSignedIn(headers).catch(() => true)
  return isSignedIn ? maxFormBytes : maxVisitorFormBytes
}

/** Continues with a request for a page, a file or a picture unless its client is over the limit. */
async function ifAdmitted(request, response, answer) {
  // Without a database, requests are not limited, so that those that need none still work.
  const seconds = await handlers.admit(request).catch(() => null)
  if (seconds === null) return answer()
  refuseForNow(request, response, 429, "Too many requests", seconds)
}

/** Browsers get a page; fetches of Next's router and programs get plain text. */
function refuseForNow({ headers }, response, status, title, seconds) {
  response.setHeader("retry-after", seconds)
  const again = `Try again in ${seconds} seconds.`
  if (headers.accept?.includes("text/html") && headers.rsc === undefined)
    return sendPlainPage(response, status, title, again)
  response.setHeader("content-type", "text/plain; charset=utf-8")
  response.setHeader("cache-control", "no-store")
  response.statusCode = status
  response.end(`${title}. ${again}\n`)
}

/** `nonce` is undefined for requests of this server to itself; `spent` is in milliseconds. */
function answerPage(path, request, response, nonce, spent) {
  if (dev || nonce === undefined || !isQueued(path, request)) return answerPageNow(path, request, response, nonce)
  queue.enter(
    response,
    () => answerPageNow(path, request, response, nonce),
    () => refuseForNow(request, response, 503, "Too many pages are requested right now", 5),
    spent,
  )
}

/** Forms do not wait, and neither do Next's files and the API of our scripts. */
const isQueued = (path, { method }) =>
  (method === "GET" || method === "HEAD") && !within(path, "/_next") && !within(path, "/api")

function answerPageNow(path, request, response, nonce) {
  if (!/\.(md|json)$/.test(path))
    return dev || nonce === undefined
      ? handlePage(request, response)
      : handlers.cachedPage(request, response, nonce, () => handlePage(request, response))
  handlers.alternate(request, response).then(
    (answered) => answered || handlePage(request, response),
    (error) => {
      log("error", "an alternate of a page failed", { error })
      response.statusCode = 500
      response.end()
    },
  )
}

/** Scripts show the message in their form; others get a page. */
function refuseForm(request, response, refusal) {
  request.resume()
  if (request.headers["next-action"] !== undefined)
    return response.writeHead(403, { "content-type": "text/plain" }).end(refusal)
  if (!request.headers.accept?.includes("application/json"))
    return sendPlainPage(response, 403, "Form rejected", refusal)
  response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify({ ok: false, detail: refusal }))
}

const hostOf = ({ headers }) => headers["x-forwarded-host"] ?? headers.host

function answerNothing(response) {
  response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("There is nothing here but files.\n")
}

function leadToFilesHost(request, response) {
  response
    .writeHead(308, {
      location: new URL(process.env.FILES_URL).origin + request.url,
      "access-control-allow-origin": "*",
    })
    .end()
}

function refuseToStart(error) {
  complain(`Understudy cannot start: ${error instanceof Error ? error.message : error}`)
  if (error?.cause) complain(inspect(error.cause))
  process.exit(1)
}

/** A request target may be a full URL, as for a proxy; "*" means the server; anything else is not found. */
const pathAlone = (url) => (url === "*" ? url : url.replace(/^https?:\/\/[^/?]*/i, "").replace(/^(?!\/)/, "/"))

/** Requests with two Host headers are rejected (RFC 9112, 3.2): a proxy may have used the other one. */
function hasTwoHosts(raw) {
  let hosts = 0
  for (let at = 0; at < raw.length; at += 2) if (raw[at].length === 4 && raw[at].toLowerCase() === "host") hosts++
  return hosts > 1
}

/** Known to this process only: marks requests to itself. */
const inner = randomBytes(32).toString("base64url")
const claims = ["x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-for", "forwarded"]

/** Forwarded headers count only behind a trusted proxy. */
function settleAddress(request) {
  const { headers } = request
  if (isOwn(request)) {
    headers.host = headers["x-understudy-host"]
    return
  }
  const forwarded = trustProxy ? forwardedAddress(headers["x-forwarded-for"]) : undefined
  // Whether a proxy, trusted or not, forwarded this request: if so, its client may be on another machine
  // (server/probes.mjs).
  headers["x-understudy-forwarded"] = headers["x-forwarded-for"] || headers.forwarded || headers.via ? "1" : ""
  if (!trustProxy) for (const name of claims) if (headers[name] !== undefined) delete headers[name]
  headers["x-understudy-address"] = forwarded ?? addressOf(request.socket)
}

/** Parsed once per connection, which takes a thirtieth of the time of a small read. @type {WeakMap<object, string>} */
const addresses = new WeakMap()

/** @param {import("node:net").Socket} socket */
function addressOf(socket) {
  let address = addresses.get(socket)
  if (address === undefined) addresses.set(socket, (address = addressIn(socket.remoteAddress) ?? "unknown"))
  return address
}

/**
 * After a redirect from an action, Next requests the page from this server, with the headers of the browser's request.
 */
const isOwn = ({ headers }) => headers["x-understudy-inner"] === inner

/** Marks a request, so that requests of this server to itself that copy its headers are recognized. */
function markOwn({ headers }) {
  headers["x-understudy-inner"] = inner
  headers["x-understudy-host"] = headers.host ?? ""
}

/** Requests that Node cannot parse reach no handler; they are rejected in the format of the API. */
function refuseRequest(error, socket) {
  if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy()
  const [status, title, detail] = {
    HPE_HEADER_OVERFLOW: [
      431,
      "Request header fields too large",
      "The address and the headers of a request have at most 16 kB.",
    ],
    ERR_HTTP_REQUEST_TIMEOUT: [408, "Request timeout", "The request did not arrive in time."],
  }[error.code] ?? [400, "Bad request", "The request is not valid HTTP."]
  const body = JSON.stringify({ title, detail, status })
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ]
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`)
}

/** For uploads of layers and files, which may take any time: only inactivity ends them. */
function limitSilence(request, response) {
  request.setTimeout(300_000, () => request.destroy())
  endOnceAnswered(request, response)
}

/** For all other requests, which must arrive within a minute. */
function limitArrival(request, response) {
  const { headers } = request
  if (headers["transfer-encoding"] === undefined && !(Number(headers["content-length"]) > 0)) return
  endOnceAnswered(request, response)
  const timer = setTimeout(() => {
    if (!request.complete) refuseRequest({ code: "ERR_HTTP_REQUEST_TIMEOUT" }, request.socket)
  }, 60_000)
  response.once("close", () => clearTimeout(timer))
}

/**
 * Some clients read an early response only after they have sent the whole body: they get 30 seconds to send the rest.
 */
function endOnceAnswered(request, response) {
  response.once("finish", () => {
    if (!request.complete) setTimeout(() => request.complete || request.socket.destroy(), 30_000).unref()
  })
}

/** Next reads the nonce from the request's policy header and adds it to every script. Returns the nonce. */
function secure(request, response) {
  // base64url has no characters that HTML or JSON would escape; lib/next/page-cache.ts depends on that.
  const nonce = randomBytes(16).toString("base64url")
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data:${filesOrigin}`,
    `media-src 'self'${filesOrigin}`,
    "font-src 'self'",
    `connect-src 'self'${dev ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    `form-action 'self'${process.env.GITHUB_ID ? " https://github.com" : ""}`,
    "frame-ancestors 'none'",
  ].join("; ")
  request.headers["content-security-policy"] = policy
  // Also replaced in pages that are sent again; see newFormKey in lib/next/page.ts.
  request.headers["x-understudy-form-key"] = randomBytes(16).toString("base64url")
  response.setHeader("content-security-policy", policy)
  response.setHeader("x-content-type-options", "nosniff")
  response.setHeader("x-frame-options", "DENY")
  response.setHeader("referrer-policy", "same-origin")
  // The playground can take pictures for inputs.
  const camera = /^\/[^/]+\/[^/]+\/playground\/?$/.test(request.url.split("?", 1)[0]) ? "(self)" : "()"
  response.setHeader("permissions-policy", `camera=${camera}, microphone=(), geolocation=()`)
  return nonce
}

// Node's own limit has no exceptions; see limitArrival.
server.requestTimeout = 0
server.headersTimeout = 15_000
server.on("clientError", refuseRequest)
server.on("error", (error) => {
  complain(
    error.code === "EADDRINUSE"
      ? `Port ${port} is in use. Set PORT to another one.`
      : `Understudy cannot listen on HOST ${hostname}, PORT ${port}: ${error.message}`,
  )
  process.exit(1)
})
await collectGarbage()
server.listen(port, hostname, () => {
  // Engines pull images from it; see lib/registry/runner-address.ts.
  globalThis[Symbol.for("understudy.port")] = server.address().port
  const address = process.env.PUBLIC_URL || `http://localhost:${server.address().port}`
  say(`Understudy is ready at ${address}`)
  process.send?.("ready")
  // A debugger may pause the event loop for any time.
  if (!dev && !inspectorUrl()) watch()
})

/**
 * Two signals within a second count as one, because a supervisor and the system may both send it. A later one ends the
 * process immediately.
 */
let leavingSince
/** Milliseconds in which the process ends in any case; Docker, for example, waits for 30 seconds (compose.yaml). */
const longestEnd = 28_000
async function end() {
  if (leavingSince !== undefined) {
    if (performance.now() - leavingSince > 1000) process.exit(1)
    return
  }
  leavingSince = performance.now()
  if (process.connected) process.send?.("leaving")
  // What is closed afterwards may wait for a database that does not answer.
  setTimeout(() => process.exit(1), longestEnd).unref()
  handlers.endWaits()
  const cutShort = await leave.now()
  await handlers.close()
  process.exit(cutShort ? 1 : 0)
}
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, end)
// The parent process is gone.
if (process.send) process.once("disconnect", end)
