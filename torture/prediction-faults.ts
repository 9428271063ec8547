import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, readFileSync, rmSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"

import { client, runConcurrently, sleep, tally, type Client } from "./client"
import { aClock } from "./clock"
import { aFolder, anInstallation, forget, serve } from "./installation"
import { aReceiver, isOver, modelsOf, predicting, queryOf } from "./predictions"
import { asRoot, fillDisk, mountTmpfs } from "./storage"
import { found, type Trial } from "./trial"

type Row = { id: string; status: string; error: string | null; created_at: string; completed_at: string | null }
const allRows = "select id, status, error, created_at, completed_at from predictions order by number"

const create = (ask: Client, model: string, input: object, more: object = {}) =>
  ask("POST", "/v1/predictions", { body: { version: `understudy/${model}`, input, ...more } })

/** Waits until all predictions have ended, at most two minutes. */
async function untilAllEnded(query: ReturnType<typeof queryOf>) {
  const unfinished = () =>
    query("select 1 from predictions where completed_at is null").length +
    query("select 1 from deliveries where next_attempt_at is not null and attempts = 0").length
  for (let waited = 0; waited < 120 && unfinished() > 0; waited++) await sleep(1000)
}

/** The clock jumps while predictions are queued, running, and being reported by webhooks. */
const clock: Trial = {
  name: "clock jumps while predicting",
  async run() {
    const { folder, alice } = await anInstallation()
    const { jump, env, by } = await aClock()
    const receiver = await aReceiver()
    const server = await serve(folder, { env: { ...predicting, ...env } })
    const ask = client(server.url, alice.token, 8)
    const accepted: string[] = []
    const answers: number[] = []
    for (const seconds of [0, 3600, 0, -3600, 0]) {
      jump(seconds)
      await runConcurrently(
        4,
        (n) => n < 12,
        async (n) => {
          const webhook = { webhook: receiver.url, webhook_events_filter: ["completed"] }
          // Every third one keeps running while the clock jumps.
          const answer = await create(ask, "echo", { text: "one two three", delay: n % 3 === 0 ? 0.5 : 0 }, webhook)
          answers.push(answer.status)
          if (answer.status === 201) accepted.push(JSON.parse(answer.text).id)
        },
      )
      await sleep(500)
    }
    const waited = await ask("POST", "/v1/models/understudy/echo/predictions", {
      body: { input: { text: "afterwards" } },
      headers: { prefer: "wait=60" },
    })
    const query = queryOf(folder)
    await untilAllEnded(query)
    const rows = query<Row>(allRows)
    const told = receiver.sent.map(({ body }) => JSON.parse(body) as { id: string; status: string; metrics?: object })
    const listed: string[] = JSON.parse((await ask("GET", "/v1/predictions")).text).results.map(
      ({ id }: { id: string }) => id,
    )
    const negative = query(
      "select 1 from usage where microseconds < 0 union all select 1 from predictions where completed_at < created_at",
    ).length
    ask.end()
    await server.stop()
    await sleep(1000)
    const left = modelsOf(folder).length
    receiver.close()
    forget(folder)
    return found(
      `by ${by}, +1 h, back, −1 h, back: ${tally(answers)}; ${tally(rows.map(({ status }) => status))}; ${told.length} webhooks for ${accepted.length}`,
      {
        "some were not accepted": answers.some((status) => status !== 201),
        "some are not over": rows.some(({ status }) => !isOver(status)),
        "some did not succeed": rows.some(({ status }) => status !== "succeeded"),
        "none could be waited for afterwards": JSON.parse(waited.text).status !== "succeeded",
        "their end was not told": accepted.some((id) => !told.some((one) => one.id === id)),
        "their end was told again and again": told.length > 2 * accepted.length,
        "the list has gaps": listed.length !== rows.length || new Set(listed).size !== rows.length,
        "something took less than no time": negative > 0,
        [`${left} model processes are left`]: left > 0,
      },
    )
  },
}

/** The disk fills up while models write files, then has space again. */
const full: Trial = {
  name: "disk full while predicting",
  async run() {
    asRoot()
    const { folder: source, alice } = await anInstallation()
    const folder = aFolder()
    mountTmpfs(folder, "64m")
    try {
      cpSync(source, folder, { recursive: true })
      const server = await serve(folder, { env: predicting })
      const ask = client(server.url, alice.token, 8)
      const speak = (n: number) => create(ask, "speak", { text: `Number ${n}. `.repeat(20) })
      const before = await Promise.all([speak(1), speak(2)])
      await sleep(3000)
      const waiting = await Promise.all(Array.from({ length: 12 }, (_, n) => speak(10 + n)))
      fillDisk(path.join(folder, "ballast"))
      const during: number[] = []
      const reads: number[] = []
      for (let n = 0; n < 40; n++) {
        during.push((await create(ask, "echo", { text: "x".repeat(50_000) })).status)
        reads.push((await ask("GET", "/v1/predictions")).status)
        await sleep(100)
      }
      rmSync(path.join(folder, "ballast"))
      await sleep(1000)
      const after = await ask("POST", "/v1/models/understudy/speak/predictions", {
        body: { input: { text: "There is room again." } },
        headers: { prefer: "wait=60" },
      })
      const query = queryOf(folder)
      await untilAllEnded(query)
      const rows = query<Row>(allRows)
      const [{ stray }] = query<{ stray: number }>(
        "select count(*) as stray from files where kind = 'output' and prediction is null",
      ) as [{ stray: number }]
      const unexplained = rows.filter(({ status, error }) => status === "failed" && !error).length
      ask.end()
      await server.stop()
      await sleep(1000)
      const left = modelsOf(folder).length
      return found(
        `creates meanwhile ${tally(during)}; ${tally(rows.map(({ status }) => status))}${rows
          .filter(({ error }) => error)
          .slice(0, 1)
          .map(({ error }) => ` (${error!.slice(0, 80)})`)
          .join("")}`,
        {
          "it did not work before": [...before, ...waiting].some(({ status }) => status !== 201),
          "a create was answered otherwise": during.some((status) => status !== 201 && status !== 507),
          "the disk was not full": !during.includes(507),
          "reads stopped": reads.some((status) => status !== 200),
          "no recovery": JSON.parse(after.text).status !== "succeeded",
          "some are not over": rows.some(({ status }) => !isOver(status)),
          "a failure says nothing": unexplained > 0,
          "files belong to nothing": stray > 0,
          [`${left} model processes are left`]: left > 0,
        },
      )
    } finally {
      execFileSync("umount", ["-l", folder])
    }
  },
}

/** A foreign server that misbehaves. */
async function aServer(listener: RequestListener) {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    request.resume()
    listener(request, response)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: () => asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/**
 * Webhook receivers that hang, fail, redirect to internal addresses, or respond with a gigabyte, next to one that
 * works.
 */
const receivers: Trial = {
  name: "receivers of webhooks that misbehave",
  async run() {
    const { folder, alice } = await anInstallation()
    const good = await aReceiver()
    const inside = await aServer((_, response) => response.end("secret"))
    const hanging = await aServer(() => {})
    const failing = await aServer((_, response) => response.writeHead(500).end("no"))
    const redirecting = await aServer((_, response) => response.writeHead(307, { location: inside.url }).end())
    let sent = 0
    const talking = await aServer((_, response) => {
      const block = Buffer.alloc(1024 * 1024)
      response.writeHead(200, { "content-length": 1024 * block.length })
      const more = () => {
        while (sent < 1024 * block.length && !response.destroyed) {
          sent += block.length
          if (!response.write(block)) return response.once("drain", more)
        }
        return response.end()
      }
      more()
    })
    const bad = [hanging, failing, redirecting, talking]
    const server = await serve(folder, { env: predicting })
    const ask = client(server.url, alice.token, 8)
    const peak = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))![1]) / 1000
    const say = (url: string) =>
      create(ask, "echo", { text: "told" }, { webhook: url, webhook_events_filter: ["completed"] })
    await say(good.url)
    const query = queryOf(folder)
    await untilAllEnded(query)
    const before = peak()
    for (let n = 0; n < 10; n++) for (const { url } of bad) await say(url)
    for (let n = 0; n < 10; n++) await say(good.url)
    for (let waited = 0; waited < 60 && good.sent.length < 11; waited++) await sleep(500)
    const onTime = good.sent.length
    await untilAllEnded(query)
    const grown = peak() - before
    type Told = { url: string; status: number | null; error: string | null; delivered: number }
    const deliveries = query<Told>(
      "select url, status, error, delivered_at is not null as delivered from deliveries where attempts > 0",
    )
    const of = (url: string) => deliveries.filter((one) => one.url === url)
    const rows = query<Row>(allRows)
    ask.end()
    await server.stop()
    for (const one of [...bad, inside, good]) one.close()
    forget(folder)
    return found(
      `${tally(rows.map(({ status }) => status))}; asked: ${bad.map(({ asked }) => asked()).join(", ")}; the good one was told of ${onTime} of 11; ${(sent / 2 ** 20).toFixed(0)} MB of 10 GB taken, ${grown.toFixed(0)} MB more memory`,
      {
        "the good one had to wait": onTime < 11,
        "some predictions are not over": rows.some(({ status }) => status !== "succeeded"),
        "somebody was not asked": bad.some(({ asked }) => asked() < 10),
        "a redirect was followed": inside.asked() > 0,
        "a failure counts as told": [hanging, failing, redirecting].some(({ url }) =>
          of(url).some(({ delivered }) => delivered === 1),
        ),
        "a failure is not explained": [hanging, failing, redirecting].some(({ url }) =>
          of(url).some(({ error }) => !error),
        ),
        "what a receiver says is read": sent > 200 * 2 ** 20,
        "it costs memory": grown > 100,
      },
    )
  },
}

export const predictionFaults = [clock, full, receivers]
