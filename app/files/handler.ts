import type { IncomingMessage, ServerResponse } from "node:http"
import { pipeline } from "node:stream/promises"

import { openFile, type File } from "@/lib/files/file"
import { getPublicFile } from "@/lib/files/output"
import { parseRange, type ByteRange } from "@/lib/http/range"
import { log } from "@/lib/log"
import { asProblem, missing } from "@/lib/problem"

/** Milliseconds after which a stalled reader is disconnected. */
const patience = 120_000

/**
 * Serves `/files/<secret>/<name>` to anybody who knows the URL, from any site. The content is untrusted, so it is sent
 * with its declared type and sandboxed.
 */
export async function answerFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("access-control-allow-origin", "*")
  response.setHeader("access-control-expose-headers", "accept-ranges, content-length, content-range, etag")
  response.setHeader("x-content-type-options", "nosniff")
  response.setHeader("referrer-policy", "no-referrer")
  try {
    if (request.method === "OPTIONS")
      return void response
        .writeHead(204, {
          "access-control-allow-methods": "GET, HEAD, OPTIONS",
          "access-control-allow-headers": "*",
          "access-control-max-age": "86400",
        })
        .end()
    if (request.method !== "GET" && request.method !== "HEAD")
      return void response.writeHead(405, { allow: "GET, HEAD, OPTIONS" }).end()
    await sendFile(await fileAt(request.url!), request, response)
  } catch (error) {
    refuse(error, response)
  }
}

async function fileAt(url: string): Promise<File> {
  const [, secret, name] = /^\/files\/([^/]+)\/([^/]+)$/.exec(url.split("?", 1)[0]!) ?? []
  const decoded = name && decode(name)
  if (!secret || !decoded) throw missing()
  return getPublicFile(secret, decoded)
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Sends a file or the part of it that is asked for. */
export async function sendFile(file: File, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const tag = `"${file.sha256}"`
  response.setHeader("etag", tag)
  response.setHeader("accept-ranges", "bytes")
  response.setHeader("cache-control", "private, max-age=3600")
  response.setHeader(
    "content-security-policy",
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self' data:; style-src 'unsafe-inline'",
  )
  response.setHeader("cross-origin-resource-policy", "cross-origin")
  if (names(request.headers["if-none-match"], tag)) return void response.writeHead(304).end()

  const span = spanFor(request, tag, file.size)
  if (span === "outside") return void response.writeHead(416, { "content-range": `bytes */${file.size}` }).end()
  response.setHeader("content-type", file.content_type)
  response.setHeader("content-disposition", `inline; filename*=UTF-8''${encodeName(file.name)}`)
  response.setHeader("content-length", span ? span.end - span.start + 1 : file.size)
  if (span) response.setHeader("content-range", `bytes ${span.start}-${span.end}/${file.size}`)
  response.statusCode = span ? 206 : 200
  if (request.method === "HEAD" || file.size === 0) return void response.end()

  const content = await openFile(file, span)
  response.setTimeout(patience, () => response.destroy())
  // A client that disconnects is not an error.
  await pipeline(content, response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE" && !response.destroyed) throw error
  })
}

/** The requested range; undefined, for the whole file, if If-Range names other content. */
function spanFor({ headers }: IncomingMessage, tag: string, size: number): ByteRange | "outside" | undefined {
  const condition = headers["if-range"]
  return condition === undefined || condition === tag ? parseRange(headers.range, size) : undefined
}

const names = (header: string | undefined, tag: string) =>
  header !== undefined && header.split(",").some((one) => [tag, "*"].includes(one.trim().replace(/^W\//, "")))

/** Encodes a name as in RFC 8187, which reserves a few characters that encodeURIComponent leaves. */
const encodeName = (name: string) =>
  encodeURIComponent(name).replace(/['()*!]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

function refuse(error: unknown, response: ServerResponse) {
  const { status, title, detail, retryAfter } = asProblem(error)
  if (status >= 500) log("error", "a file could not be sent", { error })
  // A response that has begun can only be aborted.
  if (response.headersSent) return void response.destroy()
  for (const name of response.getHeaderNames())
    if (/^(content-|etag|cache-control|accept-ranges)/.test(name)) response.removeHeader(name)
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter)
  response.writeHead(status, { "content-type": "application/problem+json", "cache-control": "no-store" })
  response.end(JSON.stringify({ title, detail, status }))
}
