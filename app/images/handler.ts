import { createHash } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"

import { log } from "@/lib/log"
import { addressIn } from "@/lib/pictures/address"
import { getRemotePicture } from "@/lib/pictures/remote"
import { asProblem, missing } from "@/lib/problem"

/** Serves `/images/<signature>/<address>`: a remote image, for pages of this site. */
export async function answerImage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("x-content-type-options", "nosniff")
  response.setHeader("cross-origin-resource-policy", "same-origin")
  // Scripts in an SVG must not run when it is opened directly.
  response.setHeader("content-security-policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
  if (request.method !== "GET" && request.method !== "HEAD")
    return void response.writeHead(405, { allow: "GET, HEAD" }).end()
  try {
    const url = addressIn(request.url!.split("?", 1)[0]!)
    if (url === undefined) throw missing()
    const { bytes, type } = await getRemotePicture(url)
    const tag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`
    response.setHeader("etag", tag)
    response.setHeader("cache-control", "public, max-age=86400")
    if (request.headers["if-none-match"] === tag) return void response.writeHead(304).end()
    response.setHeader("content-type", type)
    response.setHeader("content-length", bytes.length)
    response.end(request.method === "HEAD" ? undefined : bytes)
  } catch (error) {
    const { status, title, detail, retryAfter } = asProblem(error)
    if (status >= 500 && status !== 503) log("error", "a picture could not be shown", { error })
    if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter)
    response.writeHead(status, { "content-type": "application/problem+json", "cache-control": "no-store" })
    response.end(JSON.stringify({ title, detail, status }))
  }
}
