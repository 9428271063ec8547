// `npm run bench -- --only postgres`: reads compared with a bare server on the same PostgreSQL, creates with pgbench,
// which sends the statements of a create (create.sql). Both sides take turns, and commits are flushed to disk.
import { execFile, execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import type { Client } from "autocannon"
import postgres from "postgres"

import { now } from "@/lib/clock"
import { toCachedJson } from "@/lib/models/cached-json"
import type { ApiModel } from "@/lib/models/row"
import { hashOf, newSecret } from "@/lib/tokens/secret"
import { startPostgres } from "@/scripts/postgres.mjs"
import { findPostgres } from "@/scripts/system.mjs"
import { percentile } from "@/torture/client"
import { connections, measureLoad, middle, type Load } from "./measure"
import { print, start, whole, type Server, type Setting } from "./servers"

type Side = { perSecond: number; perCpuSecond?: number; p50: number; p99: number; errors: number }
type Pair = { ours: Side; other: Side; ratio: number }
type Compared = Pair & { what: string; bar: string }

/** The accounts of the bench: the first has all models, each of the others creates its own. */
const accounts = connections + 1
const first = 1_000_000

export async function comparePostgres({ folders, unlimited, seconds, rounds, warmUp }: Setting) {
  const database = findPostgres(["pgbench"]) && (await startPostgres({ flush: true }))
  if (!database) throw new Error("PostgreSQL or its pgbench is not installed.")
  const folder = path.join(folders, "on-postgres")
  mkdirSync(folder)
  const understudy = await start(
    "Understudy",
    ["server.mjs"],
    { ...unlimited, DATA_DIR: folder, DATABASE_URL: database.url },
    "is ready at",
  )
  const client = postgres(database.url, { max: 1, onnotice: () => {} })
  const secrets = await fill(client)
  const bare = await start("bare", ["bench/bare-postgres.mjs"], { DATABASE_URL: database.url }, "ready")
  const [secret = ""] = secrets

  const compared: Compared[] = []
  for (const [what, place] of [
    ["GET one", `/v1/models/${first}/model-5000`],
    ["list 25", "/v1/models"],
  ] as const) {
    const load: Load = { path: place, headers: { authorization: `Bearer ${secret}` } }
    await requireSameBody(understudy, bare, load)
    const pair = await inTurns(
      rounds,
      "perCpuSecond",
      (isFirst) => measureLoad(understudy, load, isFirst ? warmUp : seconds),
      (isFirst) => measureLoad(bare, load, isFirst ? warmUp : seconds),
    )
    compared.push({ what, bar: "≥ 0.6", ...pair })
  }
  const oneAccount = { first, each: 0 }
  // One account has one row to count its models, so several clients of pgbench mostly conflict: its best number counts.
  const best = await quickest(database.url, oneAccount, [1, 2, 4, connections])
  for (const { what, creators, senders, clients, which } of [
    { what: "create, one account", creators: [secret], senders: connections, clients: best, which: oneAccount },
    {
      what: `create, ${connections} accounts`,
      creators: secrets.slice(1),
      senders: connections,
      clients: connections,
      which: { first: first + 1, each: 1 },
    },
    { what: "create, one at a time", creators: [secret], senders: 1, clients: 1, which: oneAccount },
  ]) {
    const load = creating(creators, senders)
    const pair = await inTurns(
      rounds,
      "perSecond",
      (isFirst) => measureLoad(understudy, load(), isFirst ? warmUp : seconds),
      () => pgbench(database.url, clients, seconds, which),
    )
    const bar = senders === 1 ? "p50 ≤ 20 where pgbench's ≤ 8" : "≥ 0.5"
    compared.push({ what: `${what} (pgbench: ${clients})`, bar, ...pair })
  }
  await Promise.all([understudy.stop(), bare.stop(), client.end()])
  await database.stop()
  show(compared, { rounds, seconds })
  return { postgres: compared }
}

/**
 * The median round of either side and the median of their ratios, after a round that does not count. The two sides of a
 * ratio are measured one after the other, so that other load on the machine affects both.
 */
async function inTurns(
  rounds: number,
  by: "perSecond" | "perCpuSecond",
  one: (isFirst: boolean) => Promise<Side>,
  other: (isFirst: boolean) => Promise<Side>,
): Promise<Pair> {
  const pairs: Pair[] = []
  for (let round = -1; round < rounds; round++) {
    const [a, b] = [await one(round < 0), await other(round < 0)]
    if (round >= 0) pairs.push({ ours: a, other: b, ratio: (a[by] ?? 0) / (b[by] ?? 0) })
  }
  return {
    ours: middle(pairs.map(({ ours }) => ours)),
    other: middle(pairs.map(({ other }) => other)),
    ratio: percentile(
      pairs.map(({ ratio }) => ratio),
      0.5,
    ),
  }
}

/** Creates models, each connection for the account of another token. */
const creating = (secrets: string[], connections: number) => (): Load => {
  let connected = 0
  return {
    path: "/v1/models",
    connections,
    method: "POST",
    setupClient(client: Client) {
      const n = connected++ % secrets.length
      const owner = String(secrets.length === 1 ? first : first + 1 + n)
      client.setRequests([
        {
          method: "POST",
          headers: { authorization: `Bearer ${secrets[n]}`, "content-type": "application/json" },
          setupRequest: (request: object) => ({
            ...request,
            body: JSON.stringify({ owner, name: `new-${created++}`, visibility: "public", hardware: "cpu" }),
          }),
        },
      ])
    },
  }
}
let created = 0

/** Both servers answer the same but for their own addresses. */
async function requireSameBody(understudy: Server, bare: Server, { path: place, headers }: Load) {
  const [ours, theirs] = await Promise.all(
    [understudy, bare].map(async ({ url }) => {
      const response = await fetch(`${url}${place}`, { headers })
      return (await response.text()).replaceAll(url, "")
    }),
  )
  if (ours !== theirs) throw new Error(`The bodies of ${place} differ:\n${ours}\n${theirs}`)
}

/** Accounts with a token each, and models of the first. @returns the secrets of the tokens */
async function fill(client: postgres.Sql): Promise<string[]> {
  const [at, secrets] = [now(), Array.from({ length: accounts }, newSecret)]
  const ids = secrets.map((_, n) => first + n)
  await client`
    insert into owners (id, type, username, name, is_admin, model_count, created_at)
    select id, 'user', id::text, id::text, false, 0, ${at} from unnest(${ids}::bigint[]) as ids (id)`
  await client`
    insert into tokens (id, owner_id, name, hash, ending, scopes, created_at)
    select id, id, 'bench', hash, 'none', '["read","write","push"]'::jsonb, ${at}
    from unnest(${ids}::bigint[], ${secrets.map(hashOf)}::text[]) as given (id, hash)`
  // pgbench has only numbers, so it finds its own tokens by the number of the account.
  await client`
    insert into tokens (owner_id, name, hash, ending, scopes, created_at)
    select id, 'pgbench', id::text, 'none', '["read","write"]'::jsonb, ${at} from unnest(${ids}::bigint[]) as ids (id)`
  const models = Array.from({ length: 10_000 }, (_, n) => modelOf(n))
  for (let from = 0; from < models.length; from += 1000)
    await client`insert into models ${client(models.slice(from, from + 1000))}`
  await client`update owners set model_count = ${models.length} where id = ${first}`
  await client`vacuum analyze`
  return secrets
}

function modelOf(n: number) {
  const at = `${new Date(1_700_000_000_000 + n * 1000).toISOString().slice(0, -1)}000Z`
  const row = {
    owner_id: first,
    name: `model-${n}`,
    description: `A model of the bench, number ${n}`,
    visibility: "public",
    hardware: "cpu",
    run_count: n % 1000,
    is_official: false,
    created_at: at,
    updated_at: at,
    listed_at: at,
  } as const
  const nothing = {
    github_url: null,
    paper_url: null,
    license_url: null,
    weights_url: null,
    cover_image_url: null,
    cover_upload: null,
    example_cover: null,
    default_example: null,
    latest_version: null,
  }
  return { ...row, cached_json: toCachedJson({ ...row, ...nothing, owner: String(first) } as unknown as ApiModel) }
}

let runs = 0

async function quickest(url: string, which: { first: number; each: number }, candidates: number[]): Promise<number> {
  let best = { clients: 1, perSecond: 0 }
  for (const clients of candidates) {
    const { perSecond } = await pgbench(url, clients, 2, which)
    if (perSecond > best.perSecond) best = { clients, perSecond }
  }
  return best.clients
}

/** The statements of a create as quickly as pgbench sends them, with prepared statements, and again after conflicts. */
async function pgbench(
  url: string,
  clients: number,
  seconds: number,
  { first, each }: { first: number; each: number },
): Promise<Side> {
  const folder = path.join(os.tmpdir(), `understudy-pgbench-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const details = JSON.stringify({ hardware: "cpu", visibility: "public" })
  // As long as in a create; each client counts `n` by itself.
  const variables = { first, each, run: ++runs, n: 0, at: now(), details, json: modelOf(0).cached_json }
  const { stdout } = await promisify(execFile)(
    path.join(findPostgres(["pgbench"])!, "pgbench"),
    ["--no-vacuum", "--protocol=prepared", "--max-tries=0", "--log", `--log-prefix=${path.join(folder, "log")}`].concat(
      ["--client", String(clients), "--time", String(seconds), "--file", "bench/create.sql"],
      Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
      url,
    ),
    { maxBuffer: 1e8 },
  )
  const took = readdirSync(folder).flatMap((file) =>
    readFileSync(path.join(folder, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => Number(line.split(" ")[2]) / 1000),
  )
  rmSync(folder, { recursive: true })
  return {
    perSecond: Number(/tps = ([\d.]+)/.exec(stdout)?.[1]),
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    errors: Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0),
  }
}

function show(compared: Compared[], { rounds, seconds }: { rounds: number; seconds: number }) {
  const version = execFileSync(path.join(findPostgres()!, "postgres"), ["--version"], { encoding: "utf8" }).trim()
  console.log(
    `\n${os.cpus()[0]?.model}, ${os.cpus().length} cores, load ${os.loadavg()[0]!.toFixed(1)}; Node ${process.versions.node}; ${version}; ${connections} connections, ${rounds} rounds of ${seconds} s, the middle one\n`,
  )
  const per = ({ perSecond, perCpuSecond }: Side) =>
    `${whole(perSecond)}/s${perCpuSecond === undefined ? "" : `, ${whole(perCpuSecond)} per CPU-s`}`
  const times = ({ p50, p99 }: Side) => `${p50.toFixed(1)}, ${p99.toFixed(1)}`
  print(
    ["", "Understudy", "p50, p99 ms", "bare server or pgbench", "p50, p99 ms", "ratio", "bar", "errors"],
    compared.map(({ what, bar, ours, other, ratio }) => [
      what,
      per(ours),
      times(ours),
      per(other),
      times(other),
      ratio.toFixed(2),
      bar,
      String(ours.errors + other.errors),
    ]),
  )
}

/** A token of the account `bench`, created by the command line, because this process uses SQLite. */
export async function tokenOnPostgres(url: string, folder: string): Promise<string> {
  const cli = async (...args: string[]) =>
    (
      await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", ...args],
        { env: { ...process.env, DATA_DIR: folder, DATABASE_URL: url } },
      )
    ).stdout.trim()
  await cli("user", "add", "bench", "--password", "not used at all")
  return cli("token", "issue", "bench", "--name", "bench")
}
