import { existsSync, readdirSync, readFileSync } from "node:fs"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import Database from "better-sqlite3"
import { Webhook } from "standardwebhooks"

import { freePort } from "@/scripts/postgres.mjs"
import { client, runConcurrently, sleep, tally } from "./client"
import { anInstallation, forget, serve, type Running } from "./installation"
import { found, type Trial } from "./trial"

const total = 500
export const isOver = (status: string) => ["succeeded", "failed", "canceled"].includes(status)

/** Settings for a server that runs predictions: no limits, and all data is kept. */
export const predicting = {
  RUN_BUNDLED: "on",
  RUN_CPUS: "4",
  RUN_MEMORY: "16",
  WEBHOOKS_TO_PRIVATE: "1",
  API_DATA_HOURS: "0",
  PREDICTION_RATE_LIMIT_PER_MINUTE: "0",
  PREDICTION_READ_RATE_LIMIT_PER_MINUTE: "0",
  // Says which predictions are sent to models.
  LOG_LEVEL: "debug",
}

/** Queries the database of a data folder. */
export function queryOf(folder: string) {
  return <T>(sql: string): T[] => {
    const open = new Database(path.join(folder, "understudy.db"), { readonly: true })
    try {
      return open.prepare(sql).all() as T[]
    } finally {
      open.close()
    }
  }
}

/** A webhook receiver that records its requests. */
export async function aReceiver() {
  const sent: { headers: Record<string, string>; body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    sent.push({ headers: request.headers as Record<string, string>, body })
    response.end()
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  return { sent, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

/** The live model processes of a data folder, according to their engine's records. */
export function modelsOf(folder: string): number[] {
  const run = path.join(folder, "run")
  return readdirSync(run, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("process.json"))
    .map((file) => (JSON.parse(readFileSync(path.join(run, file), "utf8")) as { pid: number }).pid)
    .filter((pid) => existsSync(`/proc/${pid}`))
}

/** Kills a model with its sandbox: the engine starts each one in its own process group. */
function kill(pid: number) {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has already ended.
  }
}

/** A mix: quick and slow predictions, some that fail, and some that create a file. */
function aPrediction(n: number) {
  if (n % 25 === 3) return { model: "understudy/speak", input: { text: `Number ${n}.` } }
  if (n % 10 === 7) return { model: "understudy/echo", input: { text: `${n}`, fail: "on purpose" } }
  return { model: "understudy/echo", input: { text: `${n} and more`, delay: n % 6 === 0 ? 0.2 : 0 } }
}

/** kill -9 of the server, of models and of both at random moments during 500 predictions. */
const deaths: Trial = {
  name: "kill -9 while predicting",
  async run({ deaths: rounds }) {
    const { folder, alice } = await anInstallation()
    const receiver = await aReceiver()
    const port = await freePort()
    const servers: Running[] = []
    const start = async () => {
      const server = await serve(folder, { port, env: predicting })
      servers.push(server)
      return server
    }
    let server = await start()
    const accepted: string[] = []
    const killed: string[] = []
    let killedModels = 0
    let made = 0
    const createUpTo = async (most: number, goOn: () => boolean) => {
      const ask = client(server.url, alice.token, 8)
      await runConcurrently(
        8,
        () => goOn() && made < most,
        async () => {
          const { model, input } = aPrediction(made++)
          const body = { version: model, input, webhook: receiver.url, webhook_events_filter: ["completed"] }
          const answer = await ask("POST", "/v1/predictions", { body }).catch(() => undefined)
          if (answer?.status === 201) accepted.push(JSON.parse(answer.text).id)
          await sleep(Math.random() * 40)
        },
      )
      ask.end()
    }
    for (let round = 1; round <= rounds; round++) {
      let over = false
      const load = createUpTo(Math.round((total * round) / rounds), () => !over)
      await sleep(100 + Math.random() * 2500)
      const what = (["server", "models", "both"] as const)[Math.floor(Math.random() * 3)]!
      killed.push(what)
      const models = what === "server" ? [] : modelsOf(folder)
      for (const pid of models) kill(pid)
      killedModels += models.length
      if (what !== "models") {
        over = true
        await server.stop("SIGKILL")
      }
      await load
      if (what !== "models") server = await start()
    }
    await createUpTo(total, () => true)

    await allOver(folder)
    const secret = await webhookSecret(server.url, alice.token)
    await server.stop()
    await sleep(1000)
    const left = modelsOf(folder).length
    receiver.close()
    const { summary, wrong } = await checkOutcomes({ folder, accepted, sent: receiver.sent, secret, servers })
    forget(folder)
    return found(
      `${rounds} rounds (${tally(killed)}; ${killedModels} models), ${accepted.length} accepted: ${summary}`,
      { ...wrong, [`${left} model processes are left`]: left > 0 },
    )
  },
}

/** Waits until all predictions have ended and all webhooks are delivered: at most ten minutes, as the fourth try is late. */
export async function allOver(folder: string) {
  const query = queryOf(folder)
  const unfinished = () =>
    query("select 1 from predictions where completed_at is null").length +
    query("select 1 from deliveries where next_attempt_at is not null").length
  for (let waited = 0; waited < 600 && unfinished() > 0; waited++) await sleep(1000)
}

export const webhookSecret = async (url: string, token: string): Promise<string> =>
  JSON.parse((await client(url, token)("GET", "/v1/webhooks/default/secret")).text).key

type Told = { headers: Record<string, string>; body: string }

/** What must be true of every accepted prediction, whatever was killed; all with a webhook for their end. */
export async function checkOutcomes(given: {
  folder: string
  accepted: string[]
  sent: Told[]
  secret: string
  /** All servers that ran on the folder, with their log at the level `debug`. */
  servers: Pick<Running, "log">[]
}) {
  const query = queryOf(given.folder)
  const signed = new Webhook(given.secret)
  const told = new Map<string, { ids: Set<string>; statuses: Set<string> }>()
  let forged = 0
  for (const { headers, body } of given.sent) {
    try {
      signed.verify(body, headers)
    } catch {
      forged++
    }
    const { id, status } = JSON.parse(body) as { id: string; status: string }
    const known = told.get(id) ?? { ids: new Set(), statuses: new Set() }
    told.set(id, { ids: known.ids.add(headers["webhook-id"]!), statuses: known.statuses.add(status) })
  }
  type Row = { id: string; status: string; files: number; error: string | null }
  const rows = query<Row>(
    "select id, status, error, (select count(*) from files where files.prediction = predictions.number and kind = 'output') as files from predictions",
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const stray = query("select 1 from files where kind = 'output' and prediction is null").length
  const gaps = query(
    `select i.id from instances i where stopped_at is not null and
     (select coalesce(sum(microseconds), 0) from usage where instance_id = i.id) <>
     (cast(strftime('%s', i.stopped_at) as integer) - cast(strftime('%s', i.created_at) as integer)) * 1000000
     + cast(substr(i.stopped_at, 21, 6) as integer) - cast(substr(i.created_at, 21, 6) as integer)`,
  ).length
  const starts = countStarts(given.servers.map(({ log }) => log()).join(""))
  const contents = await compareContents(given.folder)
  const interrupted = rows.filter(({ error }) => error?.startsWith("Prediction interrupted")).length
  return {
    rows,
    summary: `${tally(rows.map(({ status }) => status))}, ${interrupted} interrupted, ${given.sent.length} webhooks, ${contents.swept} contents swept`,
    wrong: {
      "accepted ones are gone": given.accepted.some((id) => !byId.has(id)),
      "some are not over": rows.some(({ status }) => !isOver(status)),
      "some ended twice": [...told].some(
        ([id, { ids, statuses }]) => ids.size > 1 || statuses.size > 1 || !statuses.has(byId.get(id)!.status),
      ),
      "some ran to completion twice": rows.some(({ files }) => files > 1),
      "some were started twice": [...starts.values()].some((count) => count > 1),
      "a success was never started": rows.some(({ id, status }) => status === "succeeded" && !starts.has(id)),
      "their end was not told": rows.some(({ id }) => !told.has(id)),
      "a signature is wrong": forged > 0,
      "files belong to nothing": stray > 0,
      [`${contents.withoutRow} contents on disk have no row`]: contents.withoutRow > 0,
      [`${contents.gone} files have no content on disk`]: contents.gone > 0,
      "the ledger has gaps": gaps > 0,
      "nothing succeeded": !rows.some(({ status }) => status === "succeeded"),
    },
  }
}

/** How often each prediction was sent to a model, excluding those that the model server rejected. */
function countStarts(log: string): Map<string, number> {
  const starts = new Map<string, number>()
  for (const [, message, id] of log.matchAll(
    /"msg":"a prediction (is sent to a model|goes back to the queue)".*?"prediction":"(\w+)"/g,
  ))
    starts.set(id!, (starts.get(id!) ?? 0) + (message === "is sent to a model" ? 1 : -1))
  return starts
}

/** Compares the file rows of a stopped server with the files on disk, after removing strays as the daily job does. */
async function compareContents(folder: string) {
  const { env } = await import("@/env")
  const { closeDatabase } = await import("@/db")
  const { removeStrayContents } = await import("@/lib/files/sweep")
  const before = env.DATA_DIR
  env.DATA_DIR = folder
  try {
    const swept = await removeStrayContents(-1000)
    const rows = new Set(
      queryOf(folder)<{ stored_as: string }>("select stored_as from files").map((row) => row.stored_as),
    )
    const files = path.join(folder, "files")
    const onDisk = existsSync(files)
      ? readdirSync(files, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.relative(files, path.join(entry.parentPath, entry.name)))
      : []
    const there = new Set(onDisk)
    return {
      swept,
      withoutRow: onDisk.filter((name) => !rows.has(name)).length,
      gone: [...rows].filter((name) => !there.has(name)).length,
    }
  } finally {
    await closeDatabase()
    env.DATA_DIR = before
  }
}

export const predictions = [deaths]
