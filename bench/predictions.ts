// `npm run bench -- --only predictions`: predictions, and what they are compared with, measured alternately in the same
// run. `--only predictions.running` selects one part: accepting, running, many or retention.
import { spawn } from "node:child_process"
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync } from "node:fs"
import { Agent, request } from "node:http"
import os from "node:os"
import path from "node:path"
import autocannon from "autocannon"
import Database from "better-sqlite3"

import { bundledEntry } from "@/lib/bundled/catalogue"
import { newId } from "@/lib/id"
import { client, runConcurrently, percentile, sleep, type Client } from "@/torture/client"
import { cpuSecondsOf, megabytesOf, print, start, whole, type Server, type Setting } from "./servers"

type Line = { what: string; ours: string; other: string; ratio: string; bar: string; reached: boolean }

const median = (values: number[]) => percentile(values, 0.5)
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`

/** All measurements of predictions, or one part, in one table. */
export async function comparePredictions(setting: Setting, part?: string) {
  const parts = { accepting, running, many, retention }
  if (part !== undefined && !Object.hasOwn(parts, part))
    throw new Error(`There is no part ${part}: choose ${Object.keys(parts).join(", ")}.`)
  const lines: Line[] = []
  const say = (line: Line) => {
    lines.push(line)
    console.log(
      `${line.reached ? "✓" : "✗"} ${line.what}: ${line.ours} against ${line.other}, ${line.ratio} (${line.bar})`,
    )
  }
  for (const [name, measure] of Object.entries(parts))
    if (part === undefined || part === name) for (const line of await measure(setting)) say(line)
  console.log(
    `\n${os.cpus()[0]?.model}, ${os.cpus().length} cores, load ${os.loadavg()[0]!.toFixed(1)}; Node ${process.versions.node}\n`,
  )
  print(
    ["", "predictions", "compared with", "ratio", "bar", "reached"],
    lines.map(({ what, ours, other, ratio, bar, reached }) => [what, ours, other, ratio, bar, reached ? "yes" : "no"]),
  )
  return { predictions: lines }
}

const ofPredictions = {
  RUN_BUNDLED: "on",
  PREDICTION_RATE_LIMIT_PER_MINUTE: "0",
  PREDICTION_READ_RATE_LIMIT_PER_MINUTE: "0",
  PREDICTIONS_PER_ACCOUNT: "0",
  API_DATA_HOURS: "0",
}

const serve = (setting: Setting, folder: string, more: Record<string, string> = {}) =>
  start(
    "Understudy",
    ["server.mjs"],
    { ...setting.unlimited, ...ofPredictions, ...more, DATA_DIR: folder },
    "is ready at",
  )

function folderOf(setting: Setting, name: string) {
  const folder = path.join(setting.folders, name)
  mkdirSync(folder)
  return folder
}

/** Successful responses per CPU-second of the server. */
async function perCpuSecond(server: Server, token: string, duration: number, url: string, body?: () => object) {
  const cpu = cpuSecondsOf(server.pid)
  const result = await autocannon({
    url: `${server.url}${url}`,
    connections: 32,
    duration,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && {
      method: "POST" as const,
      requests: [{ setupRequest: (request: object) => ({ ...request, body: JSON.stringify(body()) }) }],
    }),
  })
  if (result.non2xx > 0) throw new Error(`${result.non2xx} answers of ${url} were no success`)
  return result["2xx"] / Math.max(0.01, cpuSecondsOf(server.pid) - cpu)
}

/** Measures the sides alternately; returns the median round of each. */
async function inTurn({ rounds, seconds, warmUp }: Setting, sides: ((duration: number) => Promise<number>)[]) {
  const measured: number[][] = sides.map(() => [])
  for (let round = -1; round < rounds; round++)
    for (const [n, side] of sides.entries()) {
      const value = await side(round < 0 ? warmUp : seconds)
      if (round >= 0) measured[n]!.push(value)
    }
  return measured.map(median)
}

/** Creating and reading a prediction, per CPU-second. No engine runs, so that only accepting is measured. */
async function accepting(setting: Setting): Promise<Line[]> {
  const folder = folderOf(setting, "accepting")
  const token = await setting.fill(folder, 10_000)
  const other = folderOf(setting, "accepting-bare")
  const bareToken = await setting.fill(other, 10_000)
  const server = await serve(setting, folder, { RUN_ENGINE: "off" })
  const bare = await start("bare node:http", ["bench/bare.mjs"], { DATA_DIR: other }, "ready")
  let made = 0
  const [predictions, models] = (await inTurn(setting, [
    (duration) =>
      perCpuSecond(server, token, duration, "/v1/predictions", () => ({
        version: "understudy/echo",
        input: { text: `number ${made++}` },
      })),
    (duration) =>
      perCpuSecond(server, token, duration, "/v1/models", () => ({
        owner: "bench",
        name: `new-${made++}`,
        visibility: "public",
        hardware: "cpu",
      })),
  ])) as [number, number]
  const ask = client(server.url, token, 1)
  const answer = await ask("POST", "/v1/models/understudy/echo/predictions", { body: { input: {} } })
  const { id } = JSON.parse(answer.text) as { id: string }
  await ask("POST", `/v1/predictions/${id}/cancel`)
  ask.end()
  const model = "/v1/models/bench/model-5000"
  const [one, bareOne, modelHere] = (await inTurn(setting, [
    (duration) => perCpuSecond(server, token, duration, `/v1/predictions/${id}`),
    (duration) => perCpuSecond(bare, bareToken, duration, model),
    (duration) => perCpuSecond(server, token, duration, model),
  ])) as [number, number, number]
  await Promise.all([server.stop(), bare.stop()])
  const line = (what: string, ours: number, theirs: number, more = ""): Line => ({
    what,
    ours: `${whole(ours)} per CPU-s`,
    other: `${whole(theirs)} per CPU-s${more}`,
    ratio: (ours / theirs).toFixed(2),
    bar: "≥ 0.6",
    reached: ours / theirs >= 0.6,
  })
  return [
    line("POST a prediction / POST a model", predictions, models),
    line("GET one / bare GET one", one, bareOne, `; a model here ${whole(modelHere)}`),
  ]
}

/** Starts the echo model in a separate process that is called directly, without the server. */
async function echoAlone(setting: Setting) {
  const entry = bundledEntry("echo")!
  const folder = mkdtempSync(path.join(os.tmpdir(), "us-bench-"))
  const socketPath = path.join(folder, "model.sock")
  const child = spawn(process.execPath, [...entry.nodeArgs, entry.file, "--socket", socketPath], { stdio: "ignore" })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, url: string, body?: object) =>
    new Promise<string>((resolve, reject) => {
      const sent = request({ socketPath, agent, method, path: url, headers: { "content-type": "application/json" } })
      sent.once("response", (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk))
        response.once("end", () => resolve(text))
      })
      sent.once("error", reject)
      sent.end(body && JSON.stringify(body))
    })
  for (let tries = 0; tries < setting.warmUp * 20; tries++) {
    if ((await ask("GET", "/health-check").catch(() => "")).includes("READY")) break
    await sleep(100)
  }
  return {
    predict: (input: object) => ask("POST", "/predictions", { input }),
    stop() {
      agent.destroy()
      child.kill("SIGKILL")
    },
  }
}

/** Milliseconds. */
const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

type Create = (input: object) => Promise<{ text: string }>

/** The overhead of a run, throughput, the delay of the first output, and the memory of open streams. */
async function running(setting: Setting): Promise<Line[]> {
  const folder = folderOf(setting, "running")
  const token = await setting.fill(folder, 100)
  const server = await serve(setting, folder, { RUN_CPUS: "16", RUN_MEMORY: "64", INSTANCES_PER_VERSION: "10" })
  const ask = client(server.url, token, 64)
  const create = (input: object, headers: Record<string, string> = {}) =>
    ask("POST", "/v1/models/understudy/echo/predictions", { body: { input }, headers })
  const waited = () => create({ text: "hello" }, { prefer: "wait=60" })
  for (let n = 0; n < 100; n++) await waited()

  const alone = await echoAlone(setting)
  for (let n = 0; n < 100; n++) await alone.predict({ text: "hello" })
  const [through, direct, creates]: number[][] = [[], [], []] as number[][]
  // Alternating, so that other load on the machine affects all three.
  for (let n = 0; n < 300; n++) {
    through!.push(await timed(waited))
    direct!.push(await timed(() => alone.predict({ text: "hello" })))
    creates!.push(
      await timed(() =>
        ask("POST", "/v1/models", {
          body: { owner: "bench", name: `one-${n}`, visibility: "public", hardware: "cpu" },
        }),
      ),
    )
  }
  alone.stop()
  const added = median(through!) - median(direct!)
  const overhead: Line = {
    what: "a warm run, beyond its model's own time (p50)",
    ours: ms(added),
    other: `${ms(median(creates!))} for a create`,
    ratio: (added / median(creates!)).toFixed(1),
    bar: "≤ 4",
    reached: added <= 4 * median(creates!),
  }

  const throughput = await thousandRuns(setting, server, folder, create)
  const first = await firstTokens(server, create, ask)
  const listening = await openStreams(server, create)
  ask.end()
  await server.stop()
  return [overhead, throughput, first, listening]
}

/**
 * A thousand runs of 100 ms on ten instances, compared with ten processes that are called directly, because other
 * programs slow those down too.
 */
async function thousandRuns(setting: Setting, server: Server, folder: string, create: Create): Promise<Line> {
  const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
  const count = (sql: string) => db.prepare(sql).pluck().get() as number
  const ready = () => count("select count(*) from instances where ready_at is not null and stopped_at is null")
  const unfinished = () => count("select count(*) from predictions where completed_at is null")
  const runs = async (total: number, delay: number) => {
    await runConcurrently(
      32,
      (n) => n < total,
      () => create({ text: "run", delay }),
    )
    while (unfinished() > 0) await sleep(20)
  }
  for (let tries = 0; tries < 30 && ready() < 10; tries++) await runs(100, 0.5)
  const instances = ready()
  const alone = await Promise.all(Array.from({ length: 10 }, () => echoAlone(setting)))
  const directly = () =>
    Promise.all(
      alone.map(async ({ predict }) => {
        for (let n = 0; n < 100; n++) await predict({ text: "run", delay: 0.1 })
      }),
    )
  const [through, direct, cpu]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < setting.rounds; round++) {
    const before = cpuSecondsOf(server.pid)
    through.push((await timed(() => runs(1000, 0.1))) / 1000)
    cpu.push(cpuSecondsOf(server.pid) - before)
    direct.push((await timed(directly)) / 1000)
  }
  for (const { stop } of alone) stop()
  db.close()
  const [took, ideal] = [median(through), 10]
  return {
    what: `1,000 runs of 100 ms on ${instances} instances`,
    ours: `${took.toFixed(1)} s (${median(cpu).toFixed(1)} CPU-s of the server)`,
    other: `${ideal} s; called directly ${median(direct).toFixed(1)} s`,
    ratio: (took / ideal).toFixed(2),
    bar: "≤ 1.15",
    reached: took <= 1.15 * ideal,
  }
}

/** The delay between the model's first output and a client that reads it. */
async function firstTokens(server: Server, create: Create, ask: Client): Promise<Line> {
  const delay = 200
  const late: number[] = []
  for (let n = 0; n < 220; n++) {
    const { id, urls } = JSON.parse((await create({ text: "a", delay: delay / 1000 })).text) as {
      id: string
      urls: { stream: string }
    }
    const response = await fetch(urls.stream.replace(/^https?:\/\/[^/]+/, server.url))
    const decoder = new TextDecoder()
    let text = ""
    let heard = 0
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true })
      if (heard === 0 && text.includes("event: output")) heard = Date.now()
    }
    // `started_at` is from the same clock; the model then waits for the requested delay.
    const { started_at } = JSON.parse((await ask("GET", `/v1/predictions/${id}`)).text) as { started_at: string }
    if (n >= 20) late.push(heard - Date.parse(started_at) - delay)
  }
  const p99 = percentile(late, 0.99)
  return {
    what: "first word of a stream, after the model yields it (p99)",
    ours: `${ms(p99)} (p50 ${ms(median(late))})`,
    other: "50 ms",
    ratio: (p99 / 50).toFixed(2),
    bar: "≤ 1",
    reached: p99 <= 50,
  }
}

/** The memory of a thousand streams of ten runs. */
async function openStreams(server: Server, create: Create): Promise<Line> {
  const urls: string[] = []
  for (let n = 0; n < 10; n++) {
    const made = JSON.parse((await create({ text: "a ".repeat(40), delay: 1 })).text) as { urls: { stream: string } }
    urls.push(made.urls.stream.replace(/^https?:\/\/[^/]+/, server.url))
  }
  await sleep(3000)
  const before = megabytesOf(server.pid)
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
  let heard = 0
  const open = Array.from({ length: 1000 }, (_, n) => {
    const sent = request(urls[n % urls.length]!, { agent }, (response) => {
      response.once("data", () => heard++)
      response.on("data", () => {})
      response.on("error", () => {})
    })
    sent.on("error", () => {})
    sent.end()
    return sent
  })
  for (let tries = 0; tries < 100 && heard < 1000; tries++) await sleep(100)
  await sleep(3000)
  const grown = megabytesOf(server.pid) - before
  for (const one of open) one.destroy()
  return {
    what: `${whole(heard)} open streams`,
    ours: `${grown.toFixed(0)} MB`,
    other: "60 MB",
    ratio: (grown / 60).toFixed(2),
    bar: "≤ 1",
    reached: heard === 1000 && grown <= 60,
  }
}

/** Inserts `count` copies of a finished prediction directly into the table. */
function addPredictions(folder: string, count: number, expires_at: string | null) {
  const file = path.join(folder, "understudy.db")
  const db = new Database(file)
  db.pragma("synchronous = OFF")
  db.function("new_id", { deterministic: false }, () => newId())
  const columns = (db.pragma("table_info(predictions)") as { name: string }[]).map(({ name }) => name)
  const given: Record<string, string> = {
    number: "null",
    id: "new_id()",
    created_at:
      "strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i, 'unixepoch') || '.' || printf('%06d', i % 1000000) || 'Z'",
    expires_at: expires_at === null ? "null" : `'${expires_at}'`,
  }
  db.prepare(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
     insert into predictions (${columns.join(", ")}) select ${columns.map((column) => given[column] ?? `p.${column}`).join(", ")}
     from n, (select * from predictions where completed_at is not null order by number limit 1) p`,
  ).run(count)
  db.pragma("wal_checkpoint(TRUNCATE)")
  db.close()
  // Otherwise, the server's first checkpoint would flush all of it.
  const filled = openSync(file, "r+")
  fsyncSync(filled)
  closeSync(filled)
}

/** Creates a data folder with `count` finished predictions. */
async function withPredictions(setting: Setting, name: string, count: number, expires_at: string | null) {
  const folder = folderOf(setting, name)
  const token = await setting.fill(folder, 100)
  const server = await serve(setting, folder)
  const ask = client(server.url, token, 1)
  await ask("POST", "/v1/models/understudy/echo/predictions", {
    body: { input: { text: "hello" } },
    headers: { prefer: "wait=60" },
  })
  ask.end()
  await server.stop()
  addPredictions(folder, count, expires_at)
  return { folder, token }
}

/** Lists and reads with a million predictions, compared with a thousand. */
async function many(setting: Setting): Promise<Line[]> {
  const sizes = [1000, 1_000_000]
  const sides = []
  for (const size of sizes) {
    const { folder, token } = await withPredictions(setting, `of-${size}`, size, null)
    const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
    const id = db.prepare("select id from predictions order by number limit 1 offset 500").pluck().get() as string
    db.close()
    const server = await serve(setting, folder, { RUN_ENGINE: "off" })
    sides.push({ server, id, ask: client(server.url, token, 1) })
  }
  // The server that started last is still loading its pages.
  await sleep(2 * setting.warmUp * 1000)
  const lines: Line[] = []
  const paths: [string, (id: string) => string][] = [
    ["GET one", (id) => `/v1/predictions/${id}`],
    ["list", () => "/v1/predictions"],
    ["list by status", () => "/v1/predictions?status=succeeded"],
    ["list by model", () => "/v1/predictions?model=understudy/echo"],
  ]
  for (const [what, url] of paths) {
    const times: number[][] = [[], []]
    for (let n = 0; n < 500; n++)
      for (const [side, { id, ask }] of sides.entries()) {
        const answer = await ask("GET", url(id))
        if (answer.status !== 200) throw new Error(`${url(id)} answered ${answer.status}`)
        if (n >= 100) times[side]!.push(answer.ms)
      }
    const [few, lots] = times.map(median) as [number, number]
    lines.push({
      what: `${what}, of a million / of a thousand (p50)`,
      ours: ms(lots),
      other: ms(few),
      ratio: (lots / few).toFixed(2),
      bar: "≤ 1.2",
      reached: lots / few <= 1.2,
    })
  }
  for (const { server, ask } of sides) {
    ask.end()
    await server.stop()
  }
  return lines
}

/** Creates while the data of a hundred thousand predictions is being removed, and afterwards. */
async function retention(setting: Setting): Promise<Line[]> {
  const { folder, token } = await withPredictions(setting, "retention", 100_000, "2026-01-01T00:00:00.000000Z")
  const server = await serve(setting, folder, { RUN_ENGINE: "off" })
  const ask = client(server.url, token, 1)
  const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
  const left = () =>
    db
      .prepare("select count(*) from predictions where expires_at is not null and not data_removed")
      .pluck()
      .get() as number
  let made = 0
  const write = async () =>
    (
      await ask("POST", "/v1/models", {
        body: { owner: "bench", name: `kept-${made++}`, visibility: "public", hardware: "cpu" },
      })
    ).ms
  const during: number[] = []
  const began = performance.now()
  while (left() > 0 && performance.now() - began < 300_000) for (let n = 0; n < 20; n++) during.push(await write())
  const took = (performance.now() - began) / 1000
  const remaining = left()
  db.close()
  const after: number[] = []
  for (let n = 0; n < during.length && n < 2000; n++) after.push(await write())
  ask.end()
  await server.stop()
  const held = Math.max(...during)
  return [
    {
      what: `retention removes ${whole(100_000 - remaining)}: a create meanwhile (longest)`,
      ours: `${ms(held)} (p99 ${ms(percentile(during, 0.99))}, ${took.toFixed(0)} s in all)`,
      other: `${ms(Math.max(...after))} (p99 ${ms(percentile(after, 0.99))}) otherwise`,
      ratio: (held / Math.max(...after)).toFixed(1),
      bar: "≤ 50 ms",
      reached: remaining === 0 && held <= 50,
    },
  ]
}
