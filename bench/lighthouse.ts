// `npm run bench -- --only lighthouse`: the speed of four pages on Lighthouse's phone, each the median of five runs.
import { chromium } from "@playwright/test"
import lighthouse from "lighthouse"

import { freePort } from "@/scripts/postgres.mjs"
import { percentile } from "@/torture/client"
import { print, start, type Setting } from "./servers"

const runs = 5
const metrics = {
  "first-contentful-paint": "FCP s",
  "largest-contentful-paint": "LCP s",
  "total-blocking-time": "TBT ms",
  "speed-index": "speed index s",
}

export async function measureLighthouse({ folders, fill, unlimited, cookies }: Setting) {
  const folder = `${folders}/lighthouse`
  await fill(folder, 10_000)
  const server = await start("Understudy", ["server.mjs"], { ...unlimited, DATA_DIR: folder }, "is ready at")
  const port = await freePort()
  const browser = await chromium.launch({
    // The headless shell cannot do all that Lighthouse needs.
    executablePath: process.env.CHROMIUM_BROWSER_PATH ?? "/usr/bin/chromium",
    args: [`--remote-debugging-port=${port}`, "--no-sandbox"],
  })
  const pages: { name: string; path: string; cookie?: string }[] = [
    { name: "home, signed out", path: "/" },
    { name: "/create", path: "/create", cookie: cookies[0] },
    { name: "model page, signed out", path: "/bench/model-5000" },
    { name: "model page, signed in", path: "/bench/model-5001", cookie: cookies[1] },
  ]
  const table: string[][] = []
  for (const { name, path, cookie } of pages) {
    const scores: number[] = []
    const values = Object.keys(metrics).map((): number[] => [])
    let largest = ""
    for (let run = 0; run < runs; run++) {
      const result = await lighthouse(server.url + path, {
        port,
        logLevel: "silent",
        onlyCategories: ["performance"],
        ...(cookie && { extraHeaders: { Cookie: cookie } }),
      })
      const { audits, categories, finalDisplayedUrl } = result!.lhr
      if (finalDisplayedUrl !== server.url + path) throw new Error(`${path} led to ${finalDisplayedUrl}`)
      scores.push(Math.round((categories.performance?.score ?? 0) * 100))
      for (const [n, metric] of Object.keys(metrics).entries()) values[n]!.push(audits[metric]?.numericValue ?? NaN)
      largest =
        /"snippet":"(.*?)(?<!\\)"/.exec(JSON.stringify(audits["lcp-breakdown-insight"]?.details ?? {}))?.[1] ?? ""
    }
    table.push([
      name,
      `${percentile(scores, 0.5)} (${scores.toSorted((a, b) => a - b).join(", ")})`,
      ...values.map((all, n) => {
        const value = percentile(all, 0.5)
        return Object.values(metrics)[n]!.endsWith(" s") ? (value / 1000).toFixed(2) : value.toFixed(0)
      }),
      largest.replaceAll('\\"', '"').slice(0, 60),
    ])
  }
  await browser.close()
  await server.stop()
  print(["", "score (each run)", ...Object.values(metrics), "largest element"], table)
  return { lighthouse: table }
}
