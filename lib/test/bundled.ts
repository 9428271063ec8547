import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, request, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { bundledEntry } from "@/lib/bundled/catalogue"

export type Answer = { status: number; body: any }

/**
 * Starts a program that serves a model on a Unix socket, until `stop`. `args` and `env` are those that an engine
 * passes.
 */
export async function servedModel(
  { file, nodeArgs = [] }: { file: string; nodeArgs?: string[] },
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
) {
  const folder = mkdtempSync(path.join(tmpdir(), "model-"))
  const socket = path.join(folder, "socket")
  const own = nodeArgs.includes("--permission") ? [`--allow-fs-read=${folder}`, `--allow-fs-write=${folder}`] : []
  const child = spawn(process.execPath, [...own, ...nodeArgs, file, "--socket", socket, ...args], {
    env: { PATH: process.env.PATH, ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text))
  let isOver = false
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  void ended.then(() => (isOver = true))

  const ask = (method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const type = body === undefined ? undefined : { "content-type": "application/json" }
      const sent = request(
        { socketPath: socket, method, path: url, headers: { ...type, ...headers } },
        async (response) => {
          const text = await textOf(response).catch(reject)
          const isJson = response.headers["content-type"] === "application/json"
          resolve({ status: response.statusCode!, body: isJson ? JSON.parse(text!) : text })
        },
      )
      sent.on("error", reject)
      sent.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body))
    })

  async function health(): Promise<any> {
    for (let tries = 0; ; tries++) {
      const answer = await ask("GET", "/health-check").catch((error: Error) => error)
      if (!(answer instanceof Error) && answer.body.status !== "STARTING") return answer.body
      if (isOver || tries > 3000) throw new Error(`The model was not ready in time: ${said}`)
      await sleep(10)
    }
  }
  await health()
  return {
    ask,
    health,
    pid: child.pid!,
    said: () => said,
    ended,
    predict: (input: Record<string, unknown>) => ask("POST", "/predictions", { input }),
    async stop() {
      child.kill("SIGKILL")
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Starts a bundled model with the permissions that the process engine gives it. `stop` prints its start-up time and
 * peak memory.
 */
export async function servedBundle(name: string, options?: Parameters<typeof servedModel>[1]) {
  const entry = bundledEntry(name)
  if (!entry) throw new Error(`${name} is not bundled.`)
  const began = performance.now()
  const reads = entry.readPaths.map((path) => `--allow-fs-read=${path}`)
  const model = await servedModel({ ...entry, nodeArgs: ["--permission", ...reads, ...entry.nodeArgs] }, options)
  const ready = performance.now() - began
  return {
    ...model,
    async stop() {
      const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${model.pid}/status`, "utf8"))![1]) / 1000
      console.log(`${name}: READY after ${(ready / 1000).toFixed(1)} s, at most ${peak.toFixed(0)} MB of memory`)
      await model.stop()
    },
  }
}

/** A listener for the callbacks of a model: webhooks, uploads and input files; on a port or on a Unix socket. */
export async function callbackListener({
  files = {},
  socket,
}: { files?: Record<string, string | Buffer>; socket?: string } = {}) {
  const received: { method: string; url: string; headers: IncomingMessage["headers"]; text: string; at: number }[] = []
  const refusals: number[] = []
  const server = createServer(async (incoming, response) => {
    const text = await textOf(incoming)
    received.push({
      method: incoming.method!,
      url: incoming.url!,
      headers: incoming.headers,
      text,
      at: performance.now(),
    })
    const refused = refusals.shift()
    if (refused === 0) return response.destroy()
    if (refused) return response.writeHead(refused).end()
    if (incoming.method === "GET") {
      const file = files[incoming.url!]
      return response.writeHead(file === undefined ? 404 : 200, { "content-type": "text/plain" }).end(file)
    }
    if (incoming.method === "PUT") response.setHeader("location", `/kept${incoming.url!}?signature=x`)
    return response.writeHead(201).end()
  })
  await new Promise<void>((resolve) =>
    socket ? server.listen(socket, resolve) : server.listen(0, "127.0.0.1", resolve),
  )
  const address = server.address()
  return {
    origin: typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "http://127.0.0.1:9000",
    received,
    /** The bodies of the webhooks received for a prediction so far. */
    webhooks: (url: string): any[] => received.filter((one) => one.url === url).map(({ text }) => JSON.parse(text)),
    /** Responds to the next requests with these statuses; 0 closes the connection without a response. */
    refuse: (...statuses: number[]) => refusals.push(...statuses),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}
