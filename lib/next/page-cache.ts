import "server-only"

import { createHash } from "node:crypto"
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http"
import { promisify } from "node:util"
import { constants, gzip as gzipWithCallback, type ZlibOptions } from "node:zlib"
import { LRUCache } from "lru-cache"
import { HTML_LIMITED_BOT_UA_RE } from "next/dist/shared/lib/router/utils/html-bots"

import { databaseHandle } from "@/db"
import { reservedNames } from "@/lib/owners/schema"
import { bundledOwner } from "@/lib/versions/bundled"
import { withLateScripts } from "./late-scripts"

/** A rendered page: its HTML and the headers that Next set, both with the texts `once` of the response they were for. */
type Page = { body: Buffer; headers: OutgoingHttpHeaders; once: string[] }
type Cached = Page & { version: string }

/** The maximum age of a cached page: runners, queues and the clock change without a write. */
const cachedMs = 2000
const maxPageBytes = 1024 * 1024

/** Pages for everybody without cookies. */
const shared = pagesUpTo(8 * 1024 * 1024)
/** Pages of viewers with cookies, by viewer. */
const viewers = new LRUCache<string, typeof shared>({ max: 32 })
const maxViewerBytes = 256 * 1024
const rendering = new Map<string, { version: string; page: Promise<Page | null> }>()

function pagesUpTo(bytes: number) {
  return new LRUCache<string, Cached>({
    maxSize: bytes,
    ttl: cachedMs,
    // Most pages are not requested again.
    ttlAutopurge: true,
    sizeCalculation: ({ body }) => body.length + 1,
  })
}

function pagesOf(viewer: string | null): typeof shared {
  if (viewer === null) return shared
  const pages = viewers.get(viewer) ?? pagesUpTo(maxViewerBytes)
  viewers.set(viewer, pages)
  return pages
}

/** Names that no account can have, except for the owner of the bundled models. */
const reserved = new Set(reservedNames.filter((name) => name !== bundledOwner))
const fixed = /^\/(explore|pricing|collections(\/[^/]+)?|docs\/[^/]+)?$/
/** The page of an account or a model, and the pages below a model. */
const named = /^\/([a-z0-9-]{2,39})(\/[^/]+){0,4}$/
/** For a viewer with cookies: no page that shows a secret, a session or a run, and none below a model. */
const viewed = /^\/(?:create|explore|([a-z0-9-]{2,39})(?:\/[^/]+)?)$/

/** Whether a page may be cached. Everything that it depends on is part of its key. */
function mayBeCached({ method, url, headers }: IncomingMessage): boolean {
  if (method !== "GET" || url === undefined || url.length > 300) return false
  if (headers.authorization !== undefined || headers.rsc !== undefined) return false
  if (Object.keys(headers).some((name) => name.startsWith("next-"))) return false
  const path = url.split("?", 1)[0]!
  if (headers.cookie !== undefined) {
    const match = viewed.exec(path)
    return match !== null && (match[1] === undefined || !reserved.has(match[1]))
  }
  if (fixed.test(path)) return true
  const name = named.exec(path)?.[1]
  return name !== undefined && !reserved.has(name)
}

/** A hash of all cookies, so that only the browser that sends exactly these gets the page; null for none. */
const viewerOf = ({ headers }: IncomingMessage) =>
  headers.cookie === undefined ? null : createHash("sha256").update(headers.cookie).digest("base64")

const keyOf = ({ url, headers }: IncomingMessage) =>
  JSON.stringify([
    url,
    headers.host,
    headers["x-forwarded-host"],
    headers["x-forwarded-proto"],
    // For some crawlers, Next sends the metadata first.
    HTML_LIMITED_BOT_UA_RE.test(headers["user-agent"] ?? ""),
  ])

/** Texts that no two responses may share: the nonce, and the key that makes a form idempotent (`newFormKey`). */
const onceIn = ({ headers }: IncomingMessage, nonce: string) =>
  [nonce, headers["x-understudy-form-key"]].filter((text) => typeof text === "string")

/**
 * Sends the page last rendered for this viewer, or the one being rendered, unless it is older than `cachedMs` or the
 * database has changed since its rendering began; otherwise `render` renders it. Visitors without cookies count as one
 * viewer. Every response has its own nonce.
 */
export function answerCached(
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
  render: () => void,
  version = () => databaseHandle().version(),
): void {
  if (!mayBeCached(request)) return render()
  answer(request, response, nonce, render, version).catch(() => {
    // The database does not respond; the rendered page reports that.
    if (!response.headersSent && !response.destroyed) render()
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
  render: () => void,
  versionNow: () => string | Promise<string>,
): Promise<void> {
  const version = await versionNow()
  const viewer = viewerOf(request)
  const key = keyOf(request)
  const cached = pagesOf(viewer).get(key)
  if (cached?.version === version) return send(request, response, cached, nonce)
  const place = `${viewer} ${key}`
  const current = rendering.get(place)
  if (current?.version === version) {
    const page = await current.page
    return page ? send(request, response, page, nonce) : render()
  }

  const { promise, resolve } = Promise.withResolvers<Page | null>()
  const own = { version, page: promise }
  rendering.set(place, own)
  collect(request, response, nonce, (page) => {
    if (rendering.get(place) === own) {
      rendering.delete(place)
      if (page) pagesOf(viewer).set(key, { ...page, version })
    }
    resolve(page)
  })
  render()
}

/** Collects a page while it is rendered, instead of streaming it; `done` gets null if the page cannot be cached. */
function collect(
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
  done: (page: Page | null) => void,
): void {
  const { write, end, writeHead, flushHeaders } = response
  const before = response.getHeaders()
  const encodings = request.headers["accept-encoding"]
  // Compressed when sent, because every response has its own nonce.
  delete request.headers["accept-encoding"]
  const chunks: Buffer[] = []
  let size = 0
  const add = (chunk: unknown, encoding?: unknown) => {
    const piece =
      typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk as Uint8Array)
    chunks.push(piece)
    size += piece.length
  }
  const restore = () => {
    Object.assign(response, { write, end, writeHead, flushHeaders })
    if (encodings !== undefined) request.headers["accept-encoding"] = encodings
    response.off("close", gone)
  }
  /** Stops collecting: sends what was collected, and streams the rest. */
  const letThrough = () => {
    restore()
    done(null)
    for (const chunk of chunks) response.write(chunk)
  }
  const gone = () => {
    restore()
    done(null)
  }

  response.once("close", gone)
  response.flushHeaders = () => {}
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    response.statusCode = status
    const set = rest.at(-1)
    if (set !== null && typeof set === "object" && !Array.isArray(set))
      for (const [name, value] of Object.entries(set)) response.setHeader(name, value)
    return response
  }) as typeof writeHead
  response.write = ((chunk: unknown, encoding?: unknown, callback?: unknown) => {
    add(chunk, encoding)
    const written = typeof encoding === "function" ? encoding : callback
    if (typeof written === "function") queueMicrotask(() => written())
    if (size > maxPageBytes) letThrough()
    return true
  }) as typeof write
  response.end = ((chunk?: unknown, encoding?: unknown, callback?: unknown) => {
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function") add(chunk, encoding)
    const ended = [chunk, encoding, callback].find((one) => typeof one === "function") as (() => void) | undefined
    if (ended) response.once("finish", ended)
    restore()
    const body = Buffer.concat(chunks)
    const page = pageOf(request, response, before, body, nonce)
    done(page)
    if (page) void sendBody(request, response, page.body, small)
    else response.end(body)
    return response
  }) as typeof end
}

/** The page if it can be cached: complete HTML that contains the nonce and sets no cookie. */
function pageOf(
  request: IncomingMessage,
  response: ServerResponse,
  before: OutgoingHttpHeaders,
  html: Buffer,
  nonce: string,
): Page | null {
  const headers = Object.fromEntries(
    Object.entries(response.getHeaders()).filter(([name, now]) => before[name] !== now),
  )
  if (response.statusCode !== 200 || headers["set-cookie"] !== undefined) return null
  if (!String(headers["content-type"]).startsWith("text/html")) return null
  if (!html.includes(nonce)) return null
  return { body: edited(html, (text) => withLateScripts(text, nonce)), headers, once: onceIn(request, nonce) }
}

/**
 * HTML with an edit that looks for and adds only ASCII. It is UTF-8 read as Latin-1, a character for each byte: V8 turns
 * 90 kB of such text into bytes, and back, in a tenth of a millisecond instead of one.
 */
const edited = (html: Buffer, edit: (text: string) => string) => Buffer.from(edit(html.toString("latin1")), "latin1")

function send(request: IncomingMessage, response: ServerResponse, page: Page, nonce: string) {
  const mine = onceIn(request, nonce)
  const renew = (text: string) => page.once.reduce((all, was, at) => all.replaceAll(was, mine[at] ?? was), text)
  for (const [name, value] of Object.entries(page.headers))
    response.setHeader(name, Array.isArray(value) ? value.map(renew) : renew(String(value)))
  return sendBody(request, response, edited(page.body, renew), quick)
}

async function sendBody(request: IncomingMessage, response: ServerResponse, body: Buffer, options: ZlibOptions) {
  const zipped = /\bgzip\b/.test(String(request.headers["accept-encoding"])) ? await gzip(body, options) : undefined
  if (response.destroyed) return
  response.statusCode = 200
  if (zipped) response.setHeader("content-encoding", "gzip")
  response.setHeader("content-length", (zipped ?? body).length)
  response.end(zipped ?? body)
}
const gzip = promisify(gzipWithCallback)
/** A page that is sent again costs little more than its compression. */
const quick: ZlibOptions = { level: constants.Z_BEST_SPEED }
/** The create page then fits into the first 14 kB of a new connection, which need not wait for an acknowledgement. */
const small: ZlibOptions = { level: constants.Z_DEFAULT_COMPRESSION }
