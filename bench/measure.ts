import autocannon, { type Client } from "autocannon"

import { cpuSecondsOf, megabytesOf, type Server } from "./servers"

export type Figure = {
  perSecond: number
  perCpuSecond: number
  p50: number
  p99: number
  megabytes: number
  errors: number
}

/** Requests as in autocannon; `setupClient` is called for each connection. */
export type Load = {
  path: string
  connections?: number
  method?: "GET" | "POST"
  headers?: Record<string, string>
  requests?: { setupRequest?(request: object): object }[]
  setupClient?(client: Client): void
  /** Threads that send the requests, instead of this one; for loads without functions. */
  workers?: number
}

/** The number of connections that send requests, unless a load has another. */
export const connections = 32

/** Sends requests to a server for some seconds, each connection one after another. */
export async function measureLoad(server: Server, { path, ...load }: Load, duration: number): Promise<Figure> {
  const cpu = cpuSecondsOf(server.pid)
  const began = performance.now()
  const result = await autocannon({ url: `${server.url}${path}`, connections, duration, ...load })
  const took = (performance.now() - began) / 1000
  const good = result["2xx"]
  return {
    perSecond: good / took,
    perCpuSecond: good / Math.max(0.01, cpuSecondsOf(server.pid) - cpu),
    p50: result.latency.p50,
    p99: result.latency.p99,
    megabytes: megabytesOf(server.pid),
    errors: result.errors + result.non2xx,
  }
}

/** The median round by throughput; other load on the machine affects the rest. */
export const middle = <F extends { perSecond: number }>(figures: F[]): F =>
  figures.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(figures.length / 2)]!
