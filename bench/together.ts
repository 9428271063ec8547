// `npm run bench -- --only together`: pages and the API at the same time, each next to itself alone. See
// docs/performance.md.
import { Agent, get } from "node:http"
import os from "node:os"

import { percentile } from "@/torture/client"
import { measureLoad, middle, type Figure, type Load } from "./measure"
import { megabytesOf, print, start, whole, type Server, type Setting } from "./servers"

/** How pages are requested: `next` returns the path and the cookie of the next request. */
type Page = { name: string; next(): { path: string; headers: { cookie?: string } } }
type Times = { firstByte: number[]; whole: number[] }

/** The milliseconds from one request to the next of somebody who opens pages one at a time. */
const pace = 100

/**
 * Measures pages that are opened one at a time, alone and while 32 connections read a model, and then 32 connections
 * that request pages, alone and at the same time as those that read the model.
 */
export async function measureTogether({ folders, fill, unlimited, seconds, rounds, cookies }: Setting) {
  const folder = `${folders}/together`
  const token = await fill(folder, 10_000)
  const server = await start("Understudy", ["server.mjs"], { ...unlimited, DATA_DIR: folder }, "is ready at")
  const model: Load = {
    path: "/v1/models/bench/model-5000",
    headers: { authorization: `Bearer ${token}` },
    workers: 1,
  }

  let asked = 0
  const numbered = (name: string, path: string): Page => ({
    name,
    next: () => ({ path: `${path}${asked % 10_000}`, headers: { cookie: cookies[asked++ % cookies.length] } }),
  })
  const cached = (name: string, path: string): Page => ({
    name,
    next: () => ({ path, headers: {} }),
  })
  const pages = [
    numbered("/create, 32 accounts", "/create?name=model-"),
    numbered("model page, 32 accounts", "/bench/model-"),
    cached("model page, cached", "/bench/model-5000"),
  ]

  const single: string[][] = []
  const both: string[][] = []
  const result: Record<string, unknown> = {}
  for (const page of pages) {
    const load: Load = {
      path: "/",
      requests: [{ setupRequest: (request) => ({ ...request, ...page.next() }) }],
    }
    await measureLoad(server, load, 4)
    await measureLoad(server, model, 1)
    const alone: Times = { firstByte: [], whole: [] }
    const under: Times = { firstByte: [], whole: [] }
    const full: { pages: Figure[]; api: Figure[]; pagesUnder: Figure[]; apiUnder: Figure[] } = {
      pages: [],
      api: [],
      pagesUnder: [],
      apiUnder: [],
    }
    for (let round = 0; round < rounds; round++) {
      await oneAtATime(server, page, 2 * seconds, alone)
      await Promise.all([measureLoad(server, model, 2 * seconds + 1), oneAtATime(server, page, 2 * seconds, under)])
      full.api.push(await measureLoad(server, model, seconds))
      full.pages.push(await measureLoad(server, load, seconds))
      const [api, html] = await Promise.all([measureLoad(server, model, seconds), measureLoad(server, load, seconds)])
      full.apiUnder.push(api)
      full.pagesUnder.push(html)
    }
    const [p50, p99] = [percentile(alone.whole, 0.5), percentile(alone.whole, 0.99)]
    const underP99 = percentile(under.whole, 0.99)
    single.push([
      page.name,
      `${p50.toFixed(1)}, ${p99.toFixed(1)}`,
      `${percentile(alone.firstByte, 0.5).toFixed(1)}, ${percentile(alone.firstByte, 0.99).toFixed(1)}`,
      `${percentile(under.whole, 0.5).toFixed(1)}, ${underP99.toFixed(1)}`,
      (underP99 / p50).toFixed(1),
    ])
    const [api, apiUnder] = [middle(full.api), middle(full.apiUnder)]
    const ratio = apiUnder.perSecond / api.perSecond
    const [html, htmlUnder] = [middle(full.pages), middle(full.pagesUnder)]
    both.push([
      page.name,
      whole(api.perSecond),
      whole(apiUnder.perSecond),
      `${ratio.toFixed(2)}, ${(apiUnder.perCpuSecond / api.perCpuSecond).toFixed(2)}`,
      `${html.perSecond.toFixed(0)}, ${html.p50}, ${html.p99}`,
      `${htmlUnder.perSecond.toFixed(0)}, ${htmlUnder.p50}, ${htmlUnder.p99}`,
      String(full.pages.concat(full.pagesUnder).reduce((sum, { errors }) => sum + errors, 0)),
      whole(megabytesOf(server.pid)),
    ])
    result[page.name] = { p50, p99, underP99, api, apiUnder, html, htmlUnder }
  }
  await server.stop()
  console.log(`\n${rounds} rounds, load ${os.loadavg()[0]!.toFixed(1)} at the end\n`)
  print(["one at a time, ms", "p50, p99 alone", "first byte", "with GET one", "p99 / p50 alone"], single)
  console.log("")
  print(
    [
      "32 connections each",
      "GET one/s alone",
      "with pages",
      "ratio, per CPU-second",
      "pages/s, p50, p99 alone",
      "with GET one",
      "errors",
      "memory MB",
    ],
    both,
  )
  return { together: result }
}

/** Opens pages one at a time and adds their times, without those of the first half second. */
async function oneAtATime(server: Server, page: Page, seconds: number, times: Times) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const began = performance.now()
  const passed = () => performance.now() - began
  for (let n = 0; passed() < 500 + seconds * 1000; n++) {
    await new Promise((resume) => setTimeout(resume, Math.max(0, n * pace - passed())))
    const { firstByte, whole: all } = await timesOf(server.url, page, agent)
    if (n * pace < 500) continue
    times.firstByte.push(firstByte)
    times.whole.push(all)
  }
  agent.destroy()
}

const timesOf = (url: string, page: Page, agent: Agent) =>
  new Promise<{ firstByte: number; whole: number }>((resolve, reject) => {
    const { path, headers } = page.next()
    const began = performance.now()
    get(url + path, { agent, headers: { accept: "text/html", ...headers } }, (response) => {
      let firstByte = 0
      response.on("data", () => (firstByte ||= performance.now() - began))
      response.on("end", () =>
        response.statusCode === 200
          ? resolve({ firstByte, whole: performance.now() - began })
          : reject(new Error(`${path} responded with ${response.statusCode}`)),
      )
    }).on("error", reject)
  })
