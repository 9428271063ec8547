// Endpoints for supervisors, load balancers and Prometheus.
import { createHash, timingSafeEqual } from "node:crypto"
import ipaddr from "ipaddr.js"
import { metrics } from "./observe.mjs"

/**
 * `/healthz`: this process is running. `/readyz`: it can serve requests. `/metrics`: its metrics.
 * Returns false for any other path.
 * @param {string} path @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse}
 *   response
 * @param {{ handlers: { ready(): Promise<string | null>, files(): string | null, waiting(): number, metrics():
 *   Promise<string[]> }, leaving: boolean }} state
 */
export function answerProbe(path, request, response, { handlers, leaving }) {
  if (path === "/healthz") return send(request, response, 200, { status: "ok" })
  if (path === "/readyz") {
    if (leaving) return send(request, response, 503, { status: "stopping" })
    // The cause is in the log, not here: this endpoint is public. Without the bucket, everything except pushes, pulls
    // and covers works. All servers share it, so there is no reason to send traffic elsewhere.
    const well = { status: "ready", ...(handlers.files() !== null && { files: "the bucket does not answer" }) }
    handlers
      .ready()
      .then((failure) =>
        send(request, response, failure ? 503 : 200, failure ? { status: "the database does not answer" } : well),
      )
    return true
  }
  if (path !== "/metrics" || !mayReadMetrics(request)) return false
  void sendMetrics(response, handlers)
  return true
}

/**
 * Sends the metrics of the process, and those of deployments if the database can be read.
 * @param {import("node:http").ServerResponse} response
 * @param {{ waiting(): number, metrics(): Promise<string[]> }} handlers
 */
async function sendMetrics(response, handlers) {
  const lines = await handlers.metrics().catch(() => [])
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" })
  response.end(metrics({ waiting: handlers.waiting() }) + lines.map((line) => `${line}\n`).join(""))
}

/**
 * Requests with METRICS_TOKEN, or without one configured, from this machine. Others get a 404.
 * @param {import("node:http").IncomingMessage} request
 */
function mayReadMetrics({ headers, socket }) {
  const wanted = process.env.METRICS_TOKEN
  if (wanted) return equal(headers.authorization ?? "", `Bearer ${wanted}`)
  const address = socket.remoteAddress ?? ""
  const direct = ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback"
  // A proxy on this machine forwards requests from other machines.
  return direct && !headers["x-understudy-forwarded"]
}

/** @param {string} one @param {string} other */
const equal = (one, other) => timingSafeEqual(digest(one), digest(other))
/** @param {string} text */
const digest = (text) => createHash("sha256").update(text).digest()

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function send(request, response, status, body) {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" })
  response.end(request.method === "HEAD" ? undefined : `${JSON.stringify(body)}\n`)
  return true
}
