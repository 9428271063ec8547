// `npm run bench -- --only deployments`: how a deployment scales, next to a simulation of the same load.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"

import { desiredInstances } from "@/lib/hub/scale"
import { naive, simulate, type Rule } from "@/lib/test/simulate-scaling"
import { client, percentile, sleep, tally } from "@/torture/client"
import { print, start, type Setting } from "./servers"

/** Seconds of each part of the load: up to the peak, at it, down again. */
const load = { up: 30, peak: 60, down: 30 }
const peak = 40
const [run, boot] = [0.2, 3]
const most = 20
const hardware = "cpu-small"

/** The arrival times of the predictions in seconds: the rate rises linearly to the peak, stays there, and falls. */
function arrivals(): number[] {
  const rateAt = (at: number) => {
    if (at < load.up) return (at / load.up) * peak
    if (at < load.up + load.peak) return peak
    return Math.max(0, 1 - (at - load.up - load.peak) / load.down) * peak
  }
  const times: number[] = []
  const step = 0.001
  let due = 0
  for (let at = 0; at < load.up + load.peak + load.down; at += step)
    if ((due += rateAt(at) * step) >= 1) {
      due -= 1
      times.push(at)
    }
  return times
}

/** Adds a bundle whose model takes three seconds to boot, in place of a bundled model that not every build includes. */
function addModel(folder: string) {
  const bundle = path.join(folder, "models", "upscale")
  mkdirSync(bundle, { recursive: true })
  copyFileSync("lib/test/cog-model.mjs", path.join(bundle, "cog-model.mjs"))
  writeFileSync(
    path.join(bundle, "model.cjs"),
    `process.env.SET_UP = "${boot * 1000}"\nvoid import("./cog-model.mjs")\n`,
  )
  writeFileSync(path.join(bundle, "bundle.json"), JSON.stringify({ id: "be".repeat(32), packages: [] }))
  const Input = { type: "object", additionalProperties: true, properties: {} }
  writeFileSync(
    path.join(bundle, "openapi.json"),
    JSON.stringify({ openapi: "3.0.2", components: { schemas: { Input, Output: {} } } }),
  )
}

type Result = { name: string; p50: number; p95: number; boots: number; most: number; minutes: number }

/**
 * Measures a deployment under a load that rises from zero to 40 requests a second, each of 200 ms, and falls again: the
 * production server next to simulations of its scaling rule and of the naive one.
 */
export async function measureDeployments({ folders, fill, unlimited }: Setting): Promise<{ deployments: Result[] }> {
  const folder = path.join(folders, "deployments")
  mkdirSync(folder)
  const token = await fill(folder, 0)
  addModel(folder)
  const settings = {
    ...unlimited,
    DATA_DIR: folder,
    RUN_BUNDLED: "on",
    RUN_ENGINE: "process",
    RUN_CPUS: String(most + 4),
    RUN_MEMORY: "128",
    PREDICTION_RATE_LIMIT_PER_MINUTE: "0",
    PREDICTION_READ_RATE_LIMIT_PER_MINUTE: "0",
  }
  const server = await start("Understudy", ["server.mjs"], settings, "is ready at")
  const ask = client(server.url, token, 64)
  const times = arrivals()
  const statuses: (number | string)[] = []
  let created = 0
  for (let waited = 0; created !== 200 && waited < 60; waited++, await sleep(500)) {
    const body = { name: "bench", model: "understudy/upscale", version: "latest", hardware }
    created = (await ask("POST", "/v1/deployments", { body: { ...body, min_instances: 0, max_instances: most } }))
      .status
  }

  const began = performance.now()
  const body = { input: { do: "wait", seconds: run } }
  const sent: Promise<void>[] = []
  for (const at of times) {
    const early = at * 1000 - (performance.now() - began)
    if (early > 1) await sleep(early)
    sent.push(
      // A separate connection each: an idle one that the server closes would count as an error.
      ask("POST", "/v1/deployments/bench/bench/predictions", { body, headers: { connection: "close" } }).then(
        ({ status }) => void statuses.push(status),
        (error: Error) => void statuses.push(error.message),
      ),
    )
  }
  await Promise.all(sent)
  const late = (performance.now() - began) / 1000 - times.at(-1)!

  const db = new Database(path.join(folder, "understudy.db"), { readonly: true, timeout: 10_000 })
  const live = () =>
    db.prepare("select 1 from instances where pool like 'deployment:%' and stopped_at is null").all().length
  for (let waited = 0; waited < 600 && live() > 0; waited++) await sleep(1000)
  const rows = db
    .prepare(
      "select status, created_at, claimed_at, started_at, completed_at from predictions where deployment_id is not null",
    )
    .all() as {
    status: string
    created_at: string
    claimed_at: string
    started_at: string
    completed_at: string
  }[]
  const instances = db
    .prepare("select created_at, ready_at, stopped_at from instances where pool like 'deployment:%'")
    .all() as {
    created_at: string
    ready_at: string | null
    stopped_at: string | null
  }[]
  db.close()
  ask.end()
  await server.stop()

  const since = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000
  const waits = rows.filter(({ claimed_at }) => claimed_at).map((row) => since(row.created_at, row.claimed_at))
  const runs = rows
    .filter(({ started_at, completed_at }) => started_at && completed_at)
    .map((row) => since(row.started_at, row.completed_at))
  const booted = instances.flatMap((one) => (one.ready_at === null ? [] : since(one.created_at, one.ready_at)))
  const lived = instances.map((one) => since(one.created_at, one.stopped_at ?? new Date().toISOString()))
  console.log(
    `\n${times.length} predictions, 0 → ${peak} → 0 a second in ${load.up} + ${load.peak} + ${load.down} s; answers ${tally(statuses)}, predictions ${tally(rows.map(({ status }) => status))}; the last one was sent ${late.toFixed(1)} s late; median run ${percentile(runs, 0.5).toFixed(2)} s, boot ${percentile(booted, 0.5).toFixed(2)} s\n`,
  )
  const simulated = (name: string, rule: Rule, given = { run, boot }) => {
    const {
      p50,
      p95,
      boots,
      seconds,
      most: peakInstances,
    } = simulate(rule, {
      ...given,
      arrivals: times,
      until: load.up + load.peak + load.down + 600,
      max: most,
      step: 0.01,
    })
    return { name, p50, p95, boots, most: peakInstances, minutes: seconds / 60 }
  }
  const deployments = [
    {
      name: "Understudy",
      p50: percentile(waits, 0.5),
      p95: percentile(waits, 0.95),
      boots: instances.length,
      most: mostAtOnce(instances),
      minutes: lived.reduce((sum, seconds) => sum + seconds, 0) / 60,
    },
    simulated("its rule, simulated", desiredInstances),
    simulated("the same with the times measured", desiredInstances, {
      run: percentile(runs, 0.5),
      boot: percentile(booted, 0.5),
    }),
    simulated("the naive rule, simulated", naive),
  ]
  print(
    [`0 → ${peak} → 0 a second`, "wait p50 s", "wait p95 s", "boots", "instances", "instance minutes"],
    deployments.map(({ name, p50, p95, boots, most: peakInstances, minutes }) => [
      name,
      p50.toFixed(2),
      p95.toFixed(2),
      String(boots),
      String(peakInstances),
      minutes.toFixed(1),
    ]),
  )
  return { deployments }
}

function mostAtOnce(instances: { created_at: string; stopped_at: string | null }[]): number {
  const changes = instances
    .flatMap(({ created_at, stopped_at }) => [[created_at, 1] as const, [stopped_at ?? "9", -1] as const])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  let [now, most] = [0, 0]
  for (const [, change] of changes) most = Math.max(most, (now += change))
  return most
}
