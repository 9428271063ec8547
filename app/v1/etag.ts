import { crc32 } from "node:zlib"
import type { FastifyInstance } from "fastify"

/** Larger responses are rarely requested twice, and hashing them would delay other requests. */
const largest = 16 * 1024

/**
 * A checksum is enough where nobody gains from a collision, at a tenth of the cost of a hash: it detects every change
 * within four bytes, and misses one in four billion others.
 */
const tagOf = (payload: string) => `"${payload.length.toString(36)}-${crc32(payload).toString(36)}"`

/**
 * Adds an ETag to responses of reads that may be stored; If-None-Match with the current one gets a 304 without a body.
 */
export function addEtags(api: FastifyInstance) {
  api.addHook("onSend", (request, reply, payload, done) => {
    const reading = request.method === "GET" || request.method === "HEAD"
    // Clients do not store these responses, so they never send an ETag for them.
    const unstored = request.routeOptions?.config?.unstored
    if (!reading || unstored || reply.statusCode !== 200 || typeof payload !== "string" || payload.length > largest)
      return done(null, payload)

    const tag = tagOf(payload)
    reply.header("etag", tag)
    if (!names(request.headers["if-none-match"], tag)) return done(null, payload)
    reply.code(304).removeHeader("content-type").removeHeader("content-length")
    done(null, request.method === "HEAD" ? "" : null)
  })
}

/** Proxies that compress a response weaken its ETag to `W/"…"`. */
const names = (header: string | undefined, tag: string) =>
  header !== undefined && header.split(",").some((one) => [tag, "*"].includes(one.trim().replace(/^W\//, "")))
