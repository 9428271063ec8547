// Assigns an ID to every request, counts it, and logs it once it has been answered.
import { randomUUID } from "node:crypto"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { log, logs } from "./log.mjs"

const trustProxy = process.env.TRUST_PROXY === "1"
const handlers = /** @type {const} */ (["api", "registry", "auth", "assets", "files", "probes", "pages"])
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/**
 * Latency and counts by handler, method and status class: a bounded number of series, whatever clients send.
 * @type {Map<string, { buckets: number[], sum: number, count: number, answered: Map<string, number[]> }>}
 */
const counts = new Map(
  handlers.map((handler) => [handler, { buckets: bounds.map(() => 0), sum: 0, count: 0, answered: new Map() }]),
)
let dropped = 0

/** Responses in progress. @type {Set<import("node:http").ServerResponse>} */
export const underWay = new Set()

const loop = monitorEventLoopDelay({ resolution: 20 })
loop.enable()

/**
 * Returns the request's ID, which every handler sends as `X-Request-Id`. A trusted proxy may have set it.
 * @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response
 */
export function observe(request, response) {
  const claimed = trustProxy ? String(request.headers["x-request-id"] ?? "") : ""
  const id = claimed !== "" && /^[\w.-]{8,128}$/.test(claimed) ? claimed : randomUUID()
  request.headers["x-request-id"] = id
  const began = performance.now()
  underWay.add(response)
  response.on("close", () => {
    underWay.delete(response)
    const took = (performance.now() - began) / 1000
    const path = pathOf(request.url ?? "")
    const handler = handlerOf(path)
    count(handler, request.method ?? "", response.statusCode, took)
    if (!response.writableFinished) dropped++
    // Paths may name private models, but the log belongs to the operator; queries may contain searches and are not
    // logged.
    if (logs("info") && handler !== "assets" && handler !== "probes")
      log("info", "answered", {
        request_id: id,
        handler,
        method: request.method,
        path,
        status: response.statusCode,
        ms: Math.round(took * 1e4) / 10,
        ...(!response.writableFinished && { cut: true }),
      })
  })
  return id
}

/** A URL without its query. @param {string} url */
export function pathOf(url) {
  const end = url.indexOf("?")
  return end < 0 ? url : url.slice(0, end)
}

/** Whether a path is `prefix` or below it. @param {string} path @param {string} prefix */
export const within = (path, prefix) =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/")

/** @param {string} path */
function handlerOf(path) {
  if (within(path, "/v1")) return "api"
  if (within(path, "/v2")) return "registry"
  if (within(path, "/files") || within(path, "/images")) return "files"
  if (path.startsWith("/api/auth/")) return "auth"
  if (path.startsWith("/_next/")) return "assets"
  return /^\/(healthz|readyz|metrics)$/.test(path) ? "probes" : "pages"
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])

/** @param {string} handler @param {string} method @param {number} status @param {number} took */
function count(handler, method, status, took) {
  const counted = counts.get(handler)
  if (!counted) return
  const known = methods.has(method) ? method : "other"
  let classes = counted.answered.get(known)
  if (!classes) counted.answered.set(known, (classes = [0, 0, 0, 0, 0, 0]))
  classes[Math.floor(status / 100)]++
  counted.sum += took
  counted.count++
  let bucket = 0
  while (bucket < bounds.length && took > bounds[bucket]) bucket++
  if (bucket < bounds.length) counted.buckets[bucket]++
}

/**
 * The metrics for Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/
 * @param {{ waiting: number }} database
 */
export function metrics({ waiting }) {
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  const answered = [...counts].flatMap(([handler, { answered }]) =>
    [...answered].flatMap(([method, classes]) =>
      classes.flatMap((count, hundreds) =>
        count > 0
          ? [
              /** @type {[string, number]} */ ([
                `{handler="${handler}",method="${method}",status="${hundreds}xx"}`,
                count,
              ]),
            ]
          : [],
      ),
    ),
  )
  const lines = [
    ...family("understudy_http_requests_total", "counter", "Requests that were answered.", answered),
    ...family(
      "understudy_http_dropped_total",
      "counter",
      "Requests whose client left before the answer was complete.",
      [["", dropped]],
    ),
    ...family("understudy_http_in_flight", "gauge", "Requests that are being answered.", [["", underWay.size]]),
    "# HELP understudy_http_seconds How long an answer took, to its last byte.",
    "# TYPE understudy_http_seconds histogram",
  ]
  for (const [handler, { buckets, sum, count }] of counts) {
    let below = 0
    for (const [n, bound] of bounds.entries())
      lines.push(`understudy_http_seconds_bucket{handler="${handler}",le="${bound}"} ${(below += buckets[n] ?? 0)}`)
    lines.push(
      `understudy_http_seconds_bucket{handler="${handler}",le="+Inf"} ${count}`,
      `understudy_http_seconds_sum{handler="${handler}"} ${sum}`,
      `understudy_http_seconds_count{handler="${handler}"} ${count}`,
    )
  }
  lines.push(
    ...family("understudy_database_writes_waiting", "gauge", "Writes that wait for their turn.", [["", waiting]]),
    ...family("process_cpu_seconds_total", "counter", "Processor time used.", [["", (user + system) / 1e6]]),
    ...family("process_resident_memory_bytes", "gauge", "Memory in use.", [["", memory.rss]]),
    ...family("nodejs_heap_size_used_bytes", "gauge", "Memory of the JavaScript heap in use.", [["", memory.heapUsed]]),
    ...family(
      "nodejs_eventloop_lag_p99_seconds",
      "gauge",
      "How late the event loop was, since the last time this was asked.",
      [["", loop.percentile(99) / 1e9]],
    ),
    ...family("process_start_time_seconds", "gauge", "When this process began.", [["", performance.timeOrigin / 1000]]),
  )
  loop.reset()
  return `${lines.join("\n")}\n`
}

/** @param {string} name @param {string} type @param {string} help @param {[labels: string, value: number][]} rows */
const family = (name, type, help, rows) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...rows.map(([labels, value]) => `${name}${labels} ${value}`),
]
