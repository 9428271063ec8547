import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, test } from "vitest"

import { observe } from "./observe.mjs"
import { answerProbe } from "./probes.mjs"

const state = { failure: null as string | null, files: null as string | null, leaving: false, waiting: 3 }
let server: Server
let origin: string

/**
 * A server that counts requests and answers probes as server.mjs does, with `state` in place of a database. All other
 * paths are pages.
 */
async function started(forwarded = false) {
  server = createServer((request, response) => {
    if (forwarded) request.headers["x-understudy-forwarded"] = "1"
    observe(request, response)
    const handlers = {
      ready: async () => state.failure,
      files: () => state.files,
      waiting: () => state.waiting,
      async metrics() {
        if (state.failure !== null) throw new Error(state.failure)
        return [
          "# HELP understudy_deployments Deployments.",
          "# TYPE understudy_deployments gauge",
          "understudy_deployments 2",
        ]
      },
    }
    if (!answerProbe(request.url!.split("?", 1)[0]!, request, response, { handlers, leaving: state.leaving }))
      response.writeHead(404).end("no such page")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(async () => {
  Object.assign(state, { failure: null, files: null, leaving: false })
  delete process.env.METRICS_TOKEN
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ask = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(origin + path, init)
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

test("/healthz answers as long as the process runs, whatever the database does", async () => {
  await started()
  for (const failure of [null, "SQLITE_IOERR: disk I/O error"]) {
    state.failure = failure
    expect(await ask("/healthz")).toMatchObject({ status: 200, text: '{"status":"ok"}\n' })
  }
  expect(await ask("/healthz", { method: "HEAD" })).toMatchObject({ status: 200, text: "" })
  expect((await ask("/healthz")).headers.get("cache-control")).toBe("no-store")
})

test("/readyz answers 503 while the database does not answer and while the process leaves, and tells strangers nothing more", async () => {
  await started()
  expect(await ask("/readyz")).toMatchObject({ status: 200, text: '{"status":"ready"}\n' })
  state.failure = "connect ECONNREFUSED 10.0.0.7:5432"
  expect(await ask("/readyz")).toMatchObject({ status: 503, text: '{"status":"the database does not answer"}\n' })
  state.failure = null
  expect((await ask("/readyz")).status).toBe(200)
  state.leaving = true
  expect(await ask("/readyz")).toMatchObject({ status: 503, text: '{"status":"stopping"}\n' })
})

test("/readyz says that the bucket does not answer, and goes on taking requests", async () => {
  await started()
  state.files = "http://10.0.0.8:9000 cannot be reached"
  expect(await ask("/readyz")).toMatchObject({
    status: 200,
    text: '{"status":"ready","files":"the bucket does not answer"}\n',
  })
})

describe("/metrics", () => {
  test("is what Prometheus reads: every family has a help and a type, and buckets add up", async () => {
    await started()
    const { status, headers, text } = await ask("/metrics")
    expect(status).toBe(200)
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    const types = new Map<string, string>()
    for (const line of text.trim().split("\n")) {
      const [, name, type] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? []
      if (name) types.set(name, type!)
      if (line.startsWith("#")) continue
      const [, sample, value] = /^(\w+)(?:\{(?:\w+="[^"]*",?)*\})? (\S+)$/.exec(line) ?? []
      expect(sample, line).toBeDefined()
      expect(Number.isFinite(Number(value)), line).toBe(true)
      expect(types.has(sample!.replace(/_(bucket|sum|count)$/, "")) || types.has(sample!), line).toBe(true)
    }
    expect(text).toContain("understudy_database_writes_waiting 3\n")
    expect(text).toContain("understudy_deployments 2\n")
    for (const handler of ["api", "registry", "auth", "assets", "probes", "pages"]) {
      const buckets = [
        ...text.matchAll(new RegExp(`understudy_http_seconds_bucket\\{handler="${handler}",le="[^"]+"\\} (\\d+)`, "g")),
      ].map(([, count]) => Number(count))
      expect(buckets).toEqual(buckets.toSorted((a, b) => a - b))
      expect(Number(new RegExp(`understudy_http_seconds_count\\{handler="${handler}"\\} (\\d+)`).exec(text)![1])).toBe(
        buckets.at(-1),
      )
    }
  })

  test("has what the process knows of itself without the database, too", async () => {
    await started()
    state.failure = "no database"
    const { status, text } = await ask("/metrics")
    expect(status).toBe(200)
    expect(text).toContain("understudy_database_writes_waiting 3\n")
    expect(text).not.toContain("understudy_deployments")
  })

  test("counts what was answered, by handler, method and status, and makes up no row for a method or a path that somebody invents", async () => {
    await started()
    const counted = async () => {
      const { text } = await ask("/metrics")
      return {
        pages: Number(/requests_total\{handler="pages",method="GET",status="4xx"\} (\d+)/.exec(text)?.[1] ?? 0),
        api: Number(/requests_total\{handler="api",method="GET",status="4xx"\} (\d+)/.exec(text)?.[1] ?? 0),
        rows: text.split("\n").length,
        text,
      }
    }
    await ask("/first")
    await ask("/v1/models")
    const before = await counted()
    for (let n = 0; n < 5; n++) await ask(`/page-${n}`)
    for (let n = 0; n < 3; n++) await ask(`/v1/models/${n}`)
    const after = await counted()
    expect([after.pages - before.pages, after.api - before.api]).toEqual([5, 3])
    expect(after.rows).toBe(before.rows)
    expect(after.text).not.toContain("page-1")
  })

  test("is not there for anybody but this machine, and with a token for anybody who has it", async () => {
    await started(true)
    expect((await ask("/metrics")).status).toBe(404)
    process.env.METRICS_TOKEN = "a-token-for-metrics"
    expect((await ask("/metrics")).status).toBe(404)
    for (const authorization of ["Bearer wrong", "a-token-for-metrics", "Bearer a-token-for-metricsx", ""])
      expect((await ask("/metrics", { headers: { authorization } })).status, authorization).toBe(404)
    expect((await ask("/metrics", { headers: { authorization: "Bearer a-token-for-metrics" } })).status).toBe(200)
  })
})
