import { spawn, type ChildProcess } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { chmod, chown, cp, open, readFile, readdir, rm, stat, truncate } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Dispatcher } from "undici"

import { replaceFileSync } from "@/db/atomic-file"
import { makeFolder } from "@/db/data-folder"
import { EngineFailure, type Engine, type InstanceSpec, type Running } from "./engine"
import { engineEvents } from "./events"
import { findSandbox, type Sandbox } from "./sandbox"
import { follow } from "./follow"
import { isReachable, nobody, probe, socketFolder, removeUnusedFolders, type RunFolders } from "./folders"
import { processOf, residentMemory, type ProcessId } from "./processes"
import { callbackOrigin, overSocket } from "./sockets"

/** A bundled model: one Node program that serves Cog's HTTP API on a unix socket. */
export type Entry = {
  file: string
  /** Additional Node flags, such as `--allow-wasi`. */
  nodeArgs: string[]
  /** Readable files and folders: its code and its weights. */
  readPaths: string[]
}

type Options = {
  folders: RunFolders
  entry(name: string): Entry | null
  /** How it is sandboxed; probed by default. */
  sandbox?: Sandbox
}

type ModelProcess = { process: ProcessId; child?: ChildProcess; memory_mb: number; dispatcher?: Dispatcher }

/** Seconds without a request after which a model exits, because its runner is gone. */
const silenceLimit = 600
/** Limit of a model's log file, after which it is truncated. */
const logLimit = 64 * 2 ** 20

/** Runs bundled models as processes, each connected to the runner only by two sockets in its folder. */
export function processEngine({ folders, entry, sandbox }: Options): Engine {
  const state = join(folders.state, "process")
  const lives = new Map<string, ModelProcess>()
  const starting = new Map<string, Promise<void>>()
  const { tell, watch } = engineEvents()
  const sockets = (id: string) => join(folders.sockets, id)
  const file = (id: string, name: string) => join(state, id, name)
  let finding: Promise<Sandbox> | undefined

  function findOurSandbox() {
    finding ??= sandbox ? Promise.resolve(sandbox) : findSandbox(socketFolder(folders.sockets, probe))
    finding.catch(() => (finding = undefined))
    return finding
  }

  async function start(spec: InstanceSpec) {
    const model = entry(spec.image)
    if (!model) throw new EngineFailure("image", `There is no bundled model ${spec.image}.`)
    const sandbox = await findOurSandbox()
    await makeFolder(join(state, spec.id))
    const folder = socketFolder(folders.sockets, spec.id)
    await makeFolder(join(folder, "tmp"))
    await chmod(join(folder, "tmp"), 0o777)
    const {
      file: program,
      args,
      ...user
    } = sandbox.command(sandboxedModel(spec, await reachable(model, folder), folder, sandbox.temporary({ folder })))
    const log = await open(file(spec.id, "log"), "a", 0o600)
    const child = spawn(program, args, {
      ...user,
      cwd: join(folder, "tmp"),
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    })
    const failed = await new Promise<Error | null>((resolve) => {
      child.once("spawn", () => resolve(null))
      child.once("error", resolve)
    })
    await log.close()
    if (failed) throw new EngineFailure("exit", `The model could not be started: ${failed.message}`, { cause: failed })
    const life = { process: processOf(child.pid!), child, memory_mb: spec.memory_mb }
    // Complete, or not there: a process that nobody can read of would be left running after a crash of the server.
    replaceFileSync(file(spec.id, "process.json"), JSON.stringify({ ...life.process, memory_mb: spec.memory_mb }))
    lives.set(spec.id, life)
    child.unref()
    child.once("exit", (code, signal) => void ended(spec.id, code, signal))
    tell({ id: spec.id, state: "running" })
  }

  function ended(id: string, code: number | null, signal: string | null, oom = false) {
    const life = lives.get(id)
    if (!life) return
    lives.delete(id)
    void life.dispatcher?.destroy()
    // Children may outlive the leader of the process group.
    life.process.kill()
    const outOfMemory = oom || ranOutOfMemory(tailOf(file(id, "log")))
    tell({
      id,
      state: "gone",
      reason: outOfMemory ? "oom" : "exit",
      detail: outOfMemory
        ? `The model exceeded the memory of its hardware (${life.memory_mb} MB).`
        : `The model's process ended by itself (${signal ?? `exit code ${code ?? "unknown"}`}).`,
    })
  }

  /** Polls memory, log sizes, and processes started before a restart, which emit no events. */
  async function look() {
    for (const [id, life] of lives) {
      if (!life.process.alive()) ended(id, null, null)
      else if (residentMemory(life.process.pid) > life.memory_mb * 2 ** 20) {
        life.process.kill()
        ended(id, null, null, true)
      }
      const log = await stat(file(id, "log")).catch(() => null)
      if (log && log.size > logLimit) await truncate(file(id, "log")).catch(() => {})
    }
  }
  const looking = setInterval(() => void look().catch(() => {}), 1000)
  looking.unref()

  return {
    name: "process",
    callbackOrigin: () => callbackOrigin,
    callbackSocket: (id) => join(sockets(id), "callback.sock"),
    watch,

    async check() {
      try {
        await findOurSandbox()
        return null
      } catch (error) {
        return (error as Error).message
      }
    },

    async missing() {
      return (await findOurSandbox()).missing
    },

    async ensure(spec) {
      if (lives.get(spec.id)?.process.alive()) return
      const begun = starting.get(spec.id) ?? start(spec).finally(() => starting.delete(spec.id))
      starting.set(spec.id, begun)
      await begun
    },

    async list() {
      const found: Running[] = []
      for (const id of await readdir(state).catch(() => [])) {
        const known = lives.get(id) ?? (await readModelProcess(file(id, "process.json")))
        const alive = known?.process.alive() ?? false
        if (known && alive) lives.set(id, known)
        else known?.process.kill()
        found.push({ id, state: alive ? "running" : "gone" })
      }
      return found
    },

    logs: (id, signal) => follow(file(id, "log"), signal, () => lives.has(id)),

    logTail: async (id) => tailOf(file(id, "log")),

    dispatcher(id) {
      const life = lives.get(id)
      if (!life) return overSocket(join(sockets(id), "model.sock"))
      return (life.dispatcher ??= overSocket(join(sockets(id), "model.sock")))
    },

    async stop(id, graceMs) {
      await starting.get(id)?.catch(() => {})
      const life = lives.get(id) ?? (await readModelProcess(file(id, "process.json")))
      lives.delete(id)
      void life?.dispatcher?.destroy()
      if (life) {
        if (graceMs > 0 && life.process.alive()) {
          const asked = overSocket(join(sockets(id), "model.sock"))
          await asked
            .request({ origin: "http://model", path: "/shutdown", method: "POST", headersTimeout: graceMs })
            .then(({ body }) => body.dump())
            .catch(() => {})
          await asked.destroy()
          await hasEnded(life.process, graceMs)
        }
        life.process.kill()
        await isGone(life.process, 10_000)
      }
      await rm(sockets(id), { recursive: true, force: true })
      await rm(join(state, id), { recursive: true, force: true })
    },

    async close() {
      clearInterval(looking)
      await Promise.all([...lives.values()].map((life) => life.dispatcher?.destroy()))
      for (const life of lives.values()) life.child?.removeAllListeners("exit")
      lives.clear()
      removeUnusedFolders(folders)
    },
  }
}

/** Copies a model into the instance's folder if models cannot reach its path. */
async function reachable(model: Entry, folder: string): Promise<Entry> {
  const [path, ...others] = model.readPaths
  if (!path || others.length > 0 || isReachable(dirname(path))) return model
  const copy = join(folder, "model")
  await cp(path, copy, { recursive: true })
  for (const name of ["", ...(await readdir(copy, { recursive: true }))]) await chown(join(copy, name), nobody, nobody)
  return { ...model, file: join(copy, relative(path, model.file)), readPaths: [copy] }
}

function sandboxedModel(spec: InstanceSpec, model: Entry, folder: string, temporary: string) {
  return {
    folder,
    memory_mb: spec.memory_mb,
    reads: model.readPaths,
    env: {
      ...spec.env,
      HOME: temporary,
      TMPDIR: temporary,
      CALLBACK_ORIGIN: callbackOrigin,
      CALLBACK_SOCKET: join(folder, "callback.sock"),
      COG_THROTTLE_RESPONSE_INTERVAL: "0.1",
      COG_SETUP_TIMEOUT: String(spec.setup_limit),
      SILENCE_LIMIT: String(silenceLimit),
      ...(spec.slots && { COG_MAX_CONCURRENCY: String(spec.slots) }),
    },
    args: [
      permissionFlag,
      ...model.readPaths.map((path) => `--allow-fs-read=${path}`),
      ...[folder, temporary].flatMap((path) => [`--allow-fs-read=${path}`, `--allow-fs-write=${path}`]),
      `--max-old-space-size=${Math.max(64, Math.floor(spec.memory_mb * 0.75))}`,
      ...model.nodeArgs,
      model.file,
      "--socket",
      join(folder, "model.sock"),
      "--upload-url",
      `${callbackOrigin}/upload/`,
      "--x-mode",
      spec.mode,
      "--await-explicit-shutdown",
      "true",
    ],
  }
}

/** Early versions of Node 22 have only the experimental flag. */
const permissionFlag = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission"

async function readModelProcess(path: string): Promise<ModelProcess | undefined> {
  try {
    const { pid, born, memory_mb } = JSON.parse(await readFile(path, "utf8"))
    return { process: processOf(pid, born), memory_mb }
  } catch {
    return undefined
  }
}

async function hasEnded(process: ProcessId, limit: number) {
  for (const deadline = Date.now() + limit; process.alive() && Date.now() < deadline;) await sleep(20)
}

async function isGone(process: ProcessId, limit: number) {
  for (const deadline = Date.now() + limit; !process.gone() && Date.now() < deadline;) await sleep(20)
}

const tailOf = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").slice(-20_000) : "")

const ranOutOfMemory = (log: string) =>
  /JavaScript heap out of memory|Array buffer allocation failed|Out of memory|Cannot enlarge memory/i.test(log)
