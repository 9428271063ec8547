import { hash } from "node:crypto"
import type { FastifyInstance } from "fastify"

/** Larger answers are rarely asked for twice, and hashing them would delay everybody else's. */
const largest = 16 * 1024

/** Answers that are read carry an ETag; a reader who names it again and is up to date gets a 304 without a body. */
export function tagAnswers(api: FastifyInstance) {
  api.addHook("onSend", (request, reply, payload, done) => {
    const reading = request.method === "GET" || request.method === "HEAD"
    if (!reading || reply.statusCode !== 200 || typeof payload !== "string" || payload.length > largest) return done(null, payload)

    const tag = `"${hash("sha1", payload, "base64url")}"`
    reply.header("etag", tag)
    if (!names(request.headers["if-none-match"], tag)) return done(null, payload)
    reply.code(304).removeHeader("content-type").removeHeader("content-length")
    done(null, request.method === "HEAD" ? "" : null)
  })
}

/** Proxies that compress an answer weaken its tag to `W/"…"`. */
const names = (header: string | undefined, tag: string) =>
  header !== undefined && header.split(",").some((one) => [tag, "*"].includes(one.trim().replace(/^W\//, "")))
