// `npm run bench`: one table, every row measured on all servers in the same run. See docs/performance.md.
import { randomBytes } from "node:crypto"
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { parseArgs } from "node:util"
import Database from "better-sqlite3"
import { encode } from "next-auth/jwt"

import { closeDatabase } from "@/db"
import { migrateDatabase } from "@/db/migrate"
import { env } from "@/env"
import { toCachedJson } from "@/lib/models/cached-json"
import type { Model } from "@/lib/models/row"
import { actorFor, addUser } from "@/lib/owners/owner"
import { openSession } from "@/lib/sessions/session"
import { issueToken } from "@/lib/tokens/token"
import { startPostgres } from "@/scripts/postgres.mjs"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { percentile } from "@/torture/client"
import { measureDeployments } from "./deployments"
import { measureLighthouse } from "./lighthouse"
import { connections, measureLoad, middle, type Figure, type Load } from "./measure"
import { comparePostgres, tokenOnPostgres } from "./postgres"
import { comparePredictions } from "./predictions"
import { print, start, whole, type Server, type Setting } from "./servers"
import { measureTogether } from "./together"

const { values: options } = parseArgs({
  options: {
    scale: { type: "boolean" },
    compare: { type: "string" },
    save: { type: "string" },
    seconds: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string" },
    short: { type: "boolean" },
  },
})
const seconds = Number(options.seconds ?? 2)
const rounds = Number(options.rounds ?? 3)
/** A server gains half of its speed in the first seconds under load. */
const warmUp = 5
const folders = temporaryFolder("bench")

/**
 * `html` says who requests the page: one account or visitor again and again, or 32 accounts, each time another page
 * (`path` and a number). Next's own app answers all of them with its smallest page.
 */
type Row = { name: string; path: string; create?: boolean; html?: "signed in" | "signed out" | "32 accounts" }

const rows: Row[] = [
  { name: "GET one", path: "/v1/models/bench/model-5000" },
  { name: "list 25", path: "/v1/models" },
  { name: "list 100", path: "/v1/models?limit=100" },
  { name: "POST create", path: "/v1/models", create: true },
  { name: "search", path: "/v1/search?query=needle" },
  { name: "/create, HTML", path: "/create", html: "signed in" },
  { name: "model page, HTML", path: "/bench/model-5000", html: "signed in" },
  { name: "/create, HTML, 32 accounts", path: "/create?name=model-", html: "32 accounts" },
  { name: "model page, HTML, 32 accounts", path: "/bench/model-", html: "32 accounts" },
  { name: "model page, HTML, signed out", path: "/bench/model-5000", html: "signed out" },
  { name: "home, HTML, signed out", path: "/", html: "signed out" },
  { name: "explore, HTML, signed out", path: "/explore", html: "signed out" },
]

/** What `--short` measures, and the server each is compared with, per CPU-second. */
const comparedWith = {
  "GET one": "bare node:http",
  "list 100": "bare node:http",
  "POST create": "bare node:http",
  "/create, HTML": "Next's handlers",
  "model page, HTML": "Next's handlers",
  "/create, HTML, 32 accounts": "Next's handlers",
  "model page, HTML, 32 accounts": "Next's handlers",
  "model page, HTML, signed out": "Next's handlers",
}
type Compared = keyof typeof comparedWith

let created = 0
let opened = 0

const measure = (server: Server, row: Row, token: string, duration = seconds) =>
  measureLoad(server, { path: row.path, ...requestsOf(row, token) }, duration)

function requestsOf(row: Row, token: string): Omit<Load, "path"> {
  if (row.html === "signed out") return {}
  if (row.html === "signed in") return { headers: { cookie: cookies[0]! } }
  const numbered = (path: string) => (path === smallest ? path : `${path}${opened % 10_000}`)
  if (row.html)
    return eachTime((request) => ({
      ...request,
      path: numbered(row.path),
      headers: { cookie: cookies[opened++ % cookies.length] },
    }))
  return {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(row.create && {
      method: "POST",
      ...eachTime((request) => ({
        ...request,
        body: JSON.stringify({ owner: "bench", name: `new-${created++}`, visibility: "public", hardware: "cpu" }),
      })),
    }),
  }
}

const eachTime = (setupRequest: (request: object) => object) => ({ requests: [{ setupRequest }] })

/** The smallest page of Next's own app. */
const smallest = "/smallest"

const authSecret = randomBytes(48).toString("base64url")
/** Of sessions of different accounts; the first owns the models. */
const cookies: string[] = []

/** Creates a database in the folder with accounts, their sessions, a token and this many models. @returns the token */
async function fill(folder: string, count: number): Promise<string> {
  env.DATA_DIR = folder
  await migrateDatabase()
  const owner = await addUser({ username: "bench" })
  const { secret } = await issueToken(actorFor(owner, "cli"), { name: "bench" })
  cookies.length = 0
  for (const account of [
    owner,
    ...(await Promise.all(Array.from({ length: 31 }, (_, n) => addUser({ username: `viewer-${n}` })))),
  ]) {
    const session = await openSession(account, { address: null, user_agent: null })
    cookies.push(`understudy.session=${await encode({ token: { secret: session }, secret: authSecret })}`)
  }
  addModels(path.join(folder, "understudy.db"), owner.id, 0, count)
  await closeDatabase()
  return secret
}

/** Inserts directly into the tables, because a million creates would take longer than the measurement. */
function addModels(file: string, owner: number, from: number, to: number) {
  const db = new Database(file)
  db.pragma("synchronous = OFF")
  const series = "with recursive n(i) as (select cast(? as integer) union all select i + 1 from n where i + 1 < ?)"
  const at = "strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i, 'unixepoch') || '.' || printf('%06d', i % 1000000) || 'Z'"
  db.transaction(() => {
    db.prepare(
      `${series} insert into models (owner_id, name, description, visibility, hardware, run_count, is_official, created_at, updated_at, listed_at)
       select ?, 'model-' || i, 'A model of the bench, number ' || i, 'public', 'cpu', i % 1000, 0, ${at}, ${at}, ${at} from n`,
    ).run(from, to, owner)
    db.prepare(
      `insert into models_search (rowid, names, description, readme) select id, 'bench model ' || substr(name, 7), 'a model of the bench number ' || substr(name, 7) || case when id % 97 = 0 then ' needle' else '' end, ''
       from models where cast(substr(name, 7) as integer) >= ? and name like 'model-%'`,
    ).run(from)
    db.prepare("update owners set model_count = ? where id = ?").run(to, owner)
    const keep = db.prepare("update models set cached_json = ? where id = ?")
    const rows = db.prepare("select * from models where cached_json is null").all() as (Omit<Model, "is_official"> & {
      is_official: number
    })[]
    for (const row of rows)
      keep.run(
        toCachedJson({
          ...row,
          is_official: row.is_official === 1,
          owner: "bench",
          default_example: null,
          latest_version: null,
        }),
        row.id,
      )
  })()
  db.close()
}

const unlimited = {
  AUTH_SECRET: authSecret,
  RATE_LIMIT_PER_MINUTE: "0",
  ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0",
  MODELS_PER_ACCOUNT: "1000000000",
  DATABASE_URL: "",
  RUN_BUNDLED: "off",
}

/** Copies of a data folder with 10,000 models, one for each server, and a token for all of them. */
async function filledFolders() {
  const template = path.join(folders, "template")
  mkdirSync(template)
  const token = await fill(template, 10_000)
  const folderFor = (name: string) => {
    const folder = path.join(folders, name)
    cpSync(template, folder, { recursive: true })
    return folder
  }
  return { token, folderFor }
}

/** The servers that Understudy is compared with. */
const startOthers = async (folderFor: (name: string) => string) => ({
  bare: await start("bare node:http", ["bench/bare.mjs"], { DATA_DIR: folderFor("bare") }, "ready"),
  nextServer: await start("Next's handlers", ["bench/next-server.mjs"], { DATA_DIR: folderFor("next") }, "ready"),
})

async function compareServers() {
  const { token, folderFor } = await filledFolders()
  const ours = folderFor("understudy")
  // The second start counts: caches are warm, and nothing is migrated.
  await (await start("Understudy", ["server.mjs"], { ...unlimited, DATA_DIR: ours }, "is ready at")).stop()
  const understudy = await start("Understudy", ["server.mjs"], { ...unlimited, DATA_DIR: ours }, "is ready at")
  const { bare, nextServer } = await startOthers(folderFor)
  const servers = [bare, understudy, nextServer]

  const postgres = await startPostgres()
  let onPostgres: Server | undefined
  let pgToken = ""
  if (postgres) {
    const folder = folderFor("postgres")
    onPostgres = await start(
      "on PostgreSQL",
      ["server.mjs"],
      { ...unlimited, DATA_DIR: folder, DATABASE_URL: postgres.url },
      "is ready at",
    )
    pgToken = await tokenOnPostgres(postgres.url, folder)
    await measure(onPostgres, { name: "fill", path: "/v1/models", create: true }, pgToken, 1)
    servers.push(onPostgres)
  }

  const figures: Record<string, Record<string, Figure>> = {}
  const wanted = rows.filter(({ name }) => !options.only || name.includes(options.only))
  for (const row of wanted) {
    const per = new Map<Server, Figure[]>(servers.map((server) => [server, []]))
    for (let round = -1; round < rounds; round++)
      for (const server of servers) {
        if (row.html && server !== understudy && server !== nextServer) continue
        const path =
          row.html && server === nextServer
            ? smallest
            : server === onPostgres && row.name === "GET one"
              ? "/v1/models/bench/new-1"
              : row.path
        const figure = await measure(
          server,
          { ...row, path },
          server === onPostgres ? pgToken : token,
          round < 0 ? warmUp : seconds,
        )
        if (round >= 0) per.get(server)!.push(figure)
      }
    figures[row.name] = Object.fromEntries(
      [...per].filter(([, measured]) => measured.length > 0).map(([{ name }, measured]) => [name, middle(measured)]),
    )
  }
  await Promise.all(servers.map((server) => server.stop()))
  await postgres?.stop()

  console.log(
    `\n${os.cpus()[0]?.model}, ${os.cpus().length} cores, load ${os.loadavg()[0]!.toFixed(1)}; Node ${process.versions.node}; ${connections} connections, ${rounds} rounds of ${seconds} s, the middle one\n`,
  )
  print(
    [
      "",
      "server",
      "requests/s",
      "per CPU-second",
      "of bare",
      "of bare per CPU-s",
      "p50 ms",
      "p99 ms",
      "memory MB",
      "errors",
    ],
    wanted.flatMap(({ name }) =>
      Object.entries(figures[name]!).map(([server, figure]) => {
        const limit = figures[name]!["bare node:http"]
        const of = (value: number, to: number | undefined) => (to ? (value / to).toFixed(2) : "–")
        return [
          name,
          server,
          whole(figure.perSecond),
          whole(figure.perCpuSecond),
          of(figure.perSecond, limit?.perSecond),
          of(figure.perCpuSecond, limit?.perCpuSecond),
          String(figure.p50),
          String(figure.p99),
          whole(figure.megabytes),
          String(figure.errors),
        ]
      }),
    ),
  )
  console.log("")
  print(
    ["server", "start s", "idle MB"],
    servers.map(({ name, startSeconds, idleMegabytes }) => [name, startSeconds.toFixed(2), whole(idleMegabytes)]),
  )
  return {
    figures,
    start: Object.fromEntries(
      servers.map(({ name, startSeconds, idleMegabytes }) => [name, { startSeconds, idleMegabytes }]),
    ),
  }
}

/** The cost of list pages and searches from a thousand to a million models. */
async function scale() {
  const folder = path.join(folders, "scale")
  mkdirSync(folder)
  const token = await fill(folder, 1000)
  const table: string[][] = []
  let from = 1000
  for (const size of [1000, 10_000, 100_000, 1_000_000]) {
    if (size > from) {
      addModels(path.join(folder, "understudy.db"), 1, from, size)
      from = size
    }
    const server = await start("Understudy", ["server.mjs"], { ...unlimited, DATA_DIR: folder }, "is ready at")
    const ask = async (url: string) => {
      const began = performance.now()
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      const body = (await response.json()) as { next?: string | null }
      return { ms: performance.now() - began, body }
    }
    const p50 = async (url: string) => {
      const times: number[] = []
      for (let n = 0; n < 400; n++) times.push((await ask(url)).ms)
      return [percentile(times.slice(100), 0.5), percentile(times.slice(100), 0.99)] as const
    }
    // The first and a middle page of four lists; the middle cursor is built from the row at that position.
    const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
    const at = db.prepare("select listed_at, id from models where id = ?").get(Math.floor(size / 2)) as {
      listed_at: string
      id: number
    }
    db.close()
    const cursor = Buffer.from(JSON.stringify([at.listed_at, at.id])).toString("base64url")
    for (let n = 0; n < 4000; n++) await ask(`${server.url}/v1/models`)
    const pages: number[] = []
    for (const list of ["models?", "models?sort_direction=asc&", "models?sort_by=model_created_at&", "account/models?"])
      for (const place of ["", `cursor=${cursor}`]) pages.push((await p50(`${server.url}/v1/${list}${place}`))[0])
    const [, common] = await p50(`${server.url}/v1/search?query=model`)
    const [, rare] = await p50(`${server.url}/v1/search?query=needle`)
    await server.stop()
    table.push([
      whole(size),
      Math.min(...pages).toFixed(2),
      Math.max(...pages).toFixed(2),
      common.toFixed(1),
      rare.toFixed(1),
      server.startSeconds.toFixed(2),
      whole(server.idleMegabytes),
    ])
  }
  print(
    [
      "models",
      "quickest of 8 pages, p50 ms",
      "slowest, p50 ms",
      "common word p99 ms",
      "rare word p99 ms",
      "start s",
      "idle MB",
    ],
    table,
  )
  return { scale: table }
}

async function choose() {
  if (options.scale) return scale()
  const [subject, part] = options.only?.split(".") ?? []
  const setting: Setting = { folders, fill, unlimited, seconds, rounds, warmUp, cookies }
  if (subject === "postgres") return comparePostgres(setting)
  if (subject === "deployments") return measureDeployments(setting)
  if (subject === "together") return measureTogether(setting)
  if (subject === "lighthouse") return measureLighthouse(setting)
  if (subject !== "predictions") return compareServers()
  return comparePredictions(setting, part)
}

/**
 * Fails if one of the main ratios has fallen by more than a quarter below bench/figures.json. `--save` writes that file
 * instead.
 */
async function short() {
  const { token, folderFor } = await filledFolders()
  const understudy = await start(
    "Understudy",
    ["server.mjs"],
    { ...unlimited, DATA_DIR: folderFor("understudy") },
    "is ready at",
  )
  const { bare, nextServer } = await startOthers(folderFor)

  /** Servers that have answered rows of a kind: the code of another one is mostly the same, and takes less to warm up. */
  const warm = new Set<string>()
  const warmUpOfRow = 2

  /** The ratio of the medians of five rounds of a second each; the two servers take turns. */
  async function ratioOf(row: Row) {
    const other = row.html ? nextServer : bare
    const sides = [
      { server: understudy, path: row.path, rounds: [] as number[] },
      { server: other, path: row.html ? smallest : row.path, rounds: [] as number[] },
    ] as const
    for (let round = -1; round < 5; round++)
      for (const side of sides) {
        const kind = `${side.server.name}, ${side.server === understudy ? row.html : "all"}`
        const { perCpuSecond, errors } = await measure(
          side.server,
          { ...row, path: side.path },
          token,
          round >= 0 ? 1 : warm.has(kind) ? warmUpOfRow : warmUp,
        )
        warm.add(kind)
        if (errors > 0) throw new Error(`${row.name} of ${side.server.name}: ${errors} requests failed`)
        if (round >= 0) side.rounds.push(perCpuSecond)
      }
    return percentile(sides[0].rounds, 0.5) / percentile(sides[1].rounds, 0.5)
  }

  const file = options.save ?? "bench/figures.json"
  const before = (options.save ? {} : JSON.parse(readFileSync(file, "utf8"))) as Partial<Record<Compared, number>>
  const ratios = {} as Record<Compared, number>
  const lines: string[][] = []
  let fallen = 0
  for (const row of rows.filter(({ name }) => name in comparedWith)) {
    const name = row.name as Compared
    const least = (before[name] ?? 0) * 0.75
    let now = await ratioOf(row)
    // Twice, because a busy machine can spoil one measurement.
    if (now < least) now = Math.max(now, await ratioOf(row))
    if (now < least) fallen++
    ratios[name] = Number(now.toFixed(2))
    lines.push([name, comparedWith[name], before[name]?.toFixed(2) ?? "–", now.toFixed(2), now < least ? "no" : "yes"])
  }
  await Promise.all([understudy, bare, nextServer].map((server) => server.stop()))
  print(["", "compared with", "kept", "now", "not slower"], lines)
  console.log(`\nbench: ${lines.length - fallen} passed, ${fallen} failed`)
  if (fallen > 0) process.exitCode = 1
  return ratios
}

const result = options.short ? await short() : await choose()
if (options.save) writeFileSync(options.save, `${JSON.stringify(result, null, 2)}\n`)
if (options.compare && "figures" in result) {
  if (!existsSync(options.compare)) throw new Error(`There is no ${options.compare}: save one with --save FILE.`)
  const before = JSON.parse(readFileSync(options.compare, "utf8")) as typeof result
  console.log(`\nAgainst ${options.compare}, as ratios to the bare server of either run:\n`)
  const ratio = (of: Record<string, Figure> | undefined) =>
    of?.Understudy && of["bare node:http"] ? of.Understudy.perCpuSecond / of["bare node:http"].perCpuSecond : undefined
  print(
    ["", "before", "now", "change"],
    Object.keys(result.figures).flatMap((name) => {
      const [then, now] = [ratio(before.figures[name]), ratio(result.figures[name])]
      return then && now ? [[name, then.toFixed(2), now.toFixed(2), `${((now / then - 1) * 100).toFixed(0)} %`]] : []
    }),
  )
}
process.exit()
