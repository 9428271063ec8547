import "server-only"

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http"
import { promisify } from "node:util"
import { constants, gzip as gzipWithCallback } from "node:zlib"
import { LRUCache } from "lru-cache"
import { HTML_LIMITED_BOT_UA_RE } from "next/dist/shared/lib/router/utils/html-bots"

import { databaseHandle } from "@/db"
import { reservedNames } from "@/lib/owners/schema"
import { bundledOwner } from "@/lib/versions/bundled"

/** A rendered page for signed-out visitors: its text, split at the nonces, and the headers that Next set. */
type Page = { parts: string[]; headers: OutgoingHttpHeaders }
type Cached = Page & { version: string }

/** The maximum age of a cached page: runners, queues and the clock change without a write. */
const cachedMs = 2000
const maxPageBytes = 1024 * 1024
const maxCacheBytes = 16 * 1024 * 1024

const pages = new LRUCache<string, Cached>({
  maxSize: maxCacheBytes,
  ttl: cachedMs,
  sizeCalculation: ({ parts }) => parts.reduce((sum, part) => sum + part.length, 1),
})
const rendering = new Map<string, { version: string; page: Promise<Page | null> }>()

/** Names that no account can have, except for the owner of the bundled models. */
const reserved = new Set(reservedNames.filter((name) => name !== bundledOwner))
const fixed = /^\/(explore|pricing|collections(\/[^/]+)?|docs\/[^/]+)?$/
/** The page of an account or a model, and the pages below a model. */
const named = /^\/([a-z0-9-]{2,39})(\/[^/]+){0,4}$/

/** Whether all signed-out visitors get the same page. Headers that a page depends on are part of its key. */
function isForAll({ method, url, headers }: IncomingMessage): boolean {
  if (method !== "GET" || url === undefined || url.length > 300) return false
  if (headers.cookie !== undefined || headers.authorization !== undefined || headers.rsc !== undefined) return false
  if (Object.keys(headers).some((name) => name.startsWith("next-"))) return false
  const path = url.split("?", 1)[0]!
  if (fixed.test(path)) return true
  const name = named.exec(path)?.[1]
  return name !== undefined && !reserved.has(name)
}

const keyOf = ({ url, headers }: IncomingMessage) =>
  JSON.stringify([
    url,
    headers.host,
    headers["x-forwarded-host"],
    headers["x-forwarded-proto"],
    // For some crawlers, Next sends the metadata first.
    HTML_LIMITED_BOT_UA_RE.test(headers["user-agent"] ?? ""),
  ])

/**
 * Sends the page last rendered for signed-out visitors, or the one being rendered, unless it is older than `cachedMs`
 * or the database has changed since its rendering began; otherwise `render` renders it. Every response has its own
 * nonce.
 */
export function answerCached(
  request: IncomingMessage,
  response: ServerResponse,
  nonce: string,
  render: () => void,
  version = () => databaseHandle().version(),
): void {
  if (!isForAll(request)) return render()
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
  const key = keyOf(request)
  const cached = pages.get(key)
  if (cached?.version === version) return send(request, response, cached, nonce)
  const current = rendering.get(key)
  if (current?.version === version) {
    const page = await current.page
    return page ? send(request, response, page, nonce) : render()
  }

  const { promise, resolve } = Promise.withResolvers<Page | null>()
  const own = { version, page: promise }
  rendering.set(key, own)
  collect(request, response, nonce, (page) => {
    if (rendering.get(key) === own) {
      rendering.delete(key)
      if (page) pages.set(key, { ...page, version })
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
    const page = pageOf(response, before, body, nonce)
    done(page)
    if (page) void send(request, response, page, nonce)
    else response.end(body)
    return response
  }) as typeof end
}

/** The page if it can be cached: complete HTML that contains the nonce and sets no cookie. */
function pageOf(response: ServerResponse, before: OutgoingHttpHeaders, body: Buffer, nonce: string): Page | null {
  const headers = Object.fromEntries(
    Object.entries(response.getHeaders())
      .filter(([name, value]) => before[name] !== value)
      .map(([name, value]) => [name, marked(value, (text) => text.replaceAll(nonce, nonceMark))]),
  )
  if (response.statusCode !== 200 || headers["set-cookie"] !== undefined) return null
  if (!String(headers["content-type"]).startsWith("text/html")) return null
  const parts = body.toString().split(nonce)
  return parts.length > 1 ? { parts, headers } : null
}

const marked = (value: OutgoingHttpHeaders[string], replace: (text: string) => string) =>
  Array.isArray(value) ? value.map(replace) : replace(String(value))

/** The placeholder for the nonce in headers. */
const nonceMark = "{nonce}"

async function send(request: IncomingMessage, response: ServerResponse, { parts, headers }: Page, nonce: string) {
  const body = Buffer.from(parts.join(nonce))
  const zipped = /\bgzip\b/.test(String(request.headers["accept-encoding"])) ? await gzip(body, quick) : undefined
  if (response.destroyed) return
  for (const [name, value] of Object.entries(headers))
    response.setHeader(
      name,
      marked(value, (text) => text.replaceAll(nonceMark, nonce)),
    )
  response.statusCode = 200
  if (zipped) response.setHeader("content-encoding", "gzip")
  response.setHeader("content-length", (zipped ?? body).length)
  response.end(zipped ?? body)
}
const gzip = promisify(gzipWithCallback)
const quick = { level: constants.Z_BEST_SPEED }
