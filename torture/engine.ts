import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createConnection, createServer, type Socket } from "node:net"
import path from "node:path"

import { registryAuth } from "@/lib/engines/docker-api"
import { dockerHere, importModel, startDockerd, type Daemon } from "@/lib/test/docker-daemon"
import { freePort } from "@/scripts/postgres.mjs"
import { aModel, client, runConcurrently, sleep, tally } from "./client"
import { aFolder, anInstallation, forget, serve, type Account, type Running } from "./installation"
import { allOver, aReceiver, predicting, webhookSecret, checkOutcomes } from "./predictions"
import { CannotTry, found, type Trial } from "./trial"

/** A socket in front of an engine that can be removed and restored. */
async function aDoor(engine: string) {
  const file = path.join(aFolder(), "engine.sock")
  const open = new Set<Socket>()
  const start = async () => {
    const server = createServer((from) => {
      const to = createConnection(engine)
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        open.add(one)
        one.pipe(other)
        one.on("error", () => other.destroy()).once("close", () => (open.delete(one), other.destroy()))
      }
    })
    await new Promise<void>((resolve) => server.listen(file, resolve))
    return server
  }
  let server = await start()
  return {
    file,
    async takeAway() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
      rmSync(file, { force: true })
    },
    async giveBack() {
      server = await start()
    },
  }
}

const text = (order: number, more = {}) => ({ type: "string", "x-order": order, ...more })
const schema = {
  openapi: "3.0.2",
  info: { title: "Cog", version: "0.1.0" },
  components: {
    schemas: {
      Input: {
        type: "object",
        properties: {
          do: text(0, { default: "say" }),
          text: text(1, { default: "hello" }),
          pause: { type: "integer", default: 20, "x-order": 2 },
          size: { type: "integer", default: 1000, "x-order": 3 },
        },
      },
      Output: { title: "Output" },
    },
  },
}

/** Pushes a model with the engine, and removes its image there, so that it has to be pulled. Returns its version. */
async function push({ api }: Daemon, host: string, { username, token }: Account, name: string): Promise<string> {
  const quoted = (value: unknown) => JSON.stringify(JSON.stringify(value)).replaceAll("$", "\\$")
  const local = await importModel(api, "us-torture", [
    'LABEL run.cog.version="0.16.12"',
    `LABEL run.cog.openapi_schema=${quoted(schema)}`,
    `LABEL run.cog.config=${quoted({ build: { gpu: false }, predict: "predict.py:Predictor" })}`,
  ])
  const repo = `${host}/${username}/${name}`
  await api.json("POST", `/images/${local}/tag`, { query: { repo, tag: "latest" } })
  const headers = { "x-registry-auth": registryAuth({ username, password: token, serveraddress: host }) }
  let digest = ""
  for await (const line of api.lines("POST", `/images/${repo}/push`, { query: { tag: "latest" }, headers })) {
    if (line.error) throw new Error(line.error)
    digest = line.aux?.Digest ?? digest
  }
  for (const image of [`${repo}:latest`, local])
    await api.json("DELETE", `/images/${image}`, { query: { force: true } })
  return digest.slice("sha256:".length)
}

function aPrediction(n: number): Record<string, unknown> {
  if (n % 25 === 3) return { do: "file", size: 20_000 }
  if (n % 10 === 7) return { do: "fail" }
  if (n % 6 === 0) return { do: "stream", pause: 60 }
  return { text: `number ${n}` }
}

const faults = ["containers", "relays", "socket", "engine", "server", "engine and server"] as const
/** Longer than the runner takes to notice that an engine does not respond. */
const awayMs = 12_000

/**
 * Kills containers, their relays, their engine and the server, and removes and restores the engine's socket, while a
 * pushed model runs.
 */
const away: Trial = {
  name: "engine gone and back",
  async run({ deaths: rounds }) {
    const daemon = dockerHere ? await startDockerd() : null
    if (!daemon) throw new CannotTry("Docker's engine does not run here")
    const { folder, alice } = await anInstallation()
    const receiver = await aReceiver()
    try {
      const door = await aDoor(daemon.socket)
      const port = await freePort()
      const servers: Running[] = []
      const start = async () => {
        const env = { ...predicting, RUN_BUNDLED: "off", DOCKER_HOST: `unix://${door.file}` }
        const server = await serve(folder, { port, env })
        servers.push(server)
        return server
      }
      let server = await start()
      let ask = client(server.url, alice.token, 8)
      await ask("POST", "/v1/models", { body: aModel("alice", "pushed", { hardware: "cpu-small" }) })
      const version = await push(daemon, `127.0.0.1:${port}`, alice, "pushed")
      const accepted: string[] = []
      let made = 0
      const create = async () => {
        const body = {
          version,
          input: aPrediction(made++),
          webhook: receiver.url,
          webhook_events_filter: ["completed"],
        }
        const answer = await ask("POST", "/v1/predictions", { body }).catch(() => undefined)
        if (answer?.status === 201) accepted.push(JSON.parse(answer.text).id)
        return answer
      }
      const show = async (id: string) =>
        JSON.parse((await ask("GET", `/v1/predictions/${id}`)).text) as { status: string; status_detail?: string }

      // Without an engine, a prediction waits and says so.
      await door.takeAway()
      await sleep(awayMs)
      const first = JSON.parse((await create())!.text).id as string
      await sleep(3000)
      const waiting = await show(first)
      await door.giveBack()
      let ran = waiting
      for (let waited = 0; waited < 90 && ["starting", "processing"].includes(ran.status); waited++) {
        await sleep(1000)
        ran = await show(first)
      }

      const order = [...faults].toSorted(() => Math.random() - 0.5)
      for (let round = 1; round <= rounds; round++) {
        const fault = order[round % order.length]!
        let over = false
        const load = runConcurrently(
          4,
          (n) => n < 40 && !over,
          async () => {
            await create()
            await sleep(Math.random() * 60)
          },
        )
        await sleep(300 + Math.random() * 1500)
        if (fault === "containers") await killContainers(daemon)
        if (fault === "relays") killRelays(folder)
        if (fault === "socket") {
          await door.takeAway()
          await sleep(awayMs)
          await create()
          await door.giveBack()
        }
        if (fault.includes("server")) {
          over = true
          await server.stop("SIGKILL")
        }
        if (fault.includes("engine")) await daemon.kill()
        await load
        if (fault.includes("server")) server = await start()
        if (fault.includes("server")) ask = client(server.url, alice.token, 8)
        if (fault.includes("engine")) await daemon.restart()
        await create()
      }
      await allOver(folder)
      const last = await ask("POST", "/v1/predictions", {
        body: { version, input: {}, webhook: receiver.url, webhook_events_filter: ["completed"] },
        headers: { prefer: "wait=60" },
      })
      await allOver(folder)
      const secret = await webhookSecret(server.url, alice.token)
      ask.end()
      await server.stop()
      const left = await containersOf(daemon)
      receiver.close()
      const { rows, summary, wrong } = await checkOutcomes({ folder, accepted, sent: receiver.sent, secret, servers })
      forget(folder)
      const happened = Array.from({ length: rounds }, (_, n) => order[(n + 1) % order.length]!)
      return found(`${rounds} rounds (${tally(happened)}), ${accepted.length} accepted: ${summary}`, {
        ...wrong,
        "without an engine it did not wait, or did not say why":
          waiting.status !== "starting" || !waiting.status_detail,
        "what waited for the engine did not run": ran.status !== "succeeded",
        "the version was blamed for it": rows.some(({ error }) =>
          error?.startsWith("The set-up of this version failed"),
        ),
        "nothing runs afterwards": JSON.parse(last.text).status !== "succeeded",
        [`containers are left: ${left.join(", ")}`]: left.length > 0,
      })
    } finally {
      await daemon.stop()
    }
  },
}

type Container = { Id: string; Names: string[]; State: string }

async function killContainers({ api }: Daemon) {
  const running = await api.json<Container[]>("GET", "/containers/json")
  for (const { Id } of running) await api.json("POST", `/containers/${Id}/kill`).catch(() => {})
}

/** The processes that connect the containers of a data folder to its server. */
function killRelays(folder: string) {
  const records = path.join(folder, "run/docker")
  for (const file of existsSync(records) ? readdirSync(records).filter((name) => name.endsWith(".relay")) : [])
    try {
      process.kill((JSON.parse(readFileSync(path.join(records, file), "utf8")) as { pid: number }).pid, "SIGKILL")
    } catch {
      // It has just ended.
    }
}

const containersOf = async ({ api }: Daemon) =>
  (await api.json<Container[]>("GET", "/containers/json", { query: { all: true } })).flatMap(({ Names }) => Names)

export const engines = [away]
