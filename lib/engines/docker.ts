import { randomUUID } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import path from "node:path"
import { Readable } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"
import type { Dispatcher } from "undici"

import { createFileAtomicSync } from "@/db/atomic-file"
import { makeFolder } from "@/db/data-folder"
import { log } from "@/lib/log"
import { dockerApi, DockerError, registryAuth, unframed } from "./docker-api"
import { pulledImages, type ImageLimits } from "./docker-images"
import { missingIsolation, type Given } from "./docker-isolation"
import { networkOf, openNetwork, renewRules } from "./docker-network"
import { EngineFailure, type Engine, type EngineEvent, type InstanceSpec, type Running } from "./engine"
import { engineEvents } from "./events"
import { isOfKind } from "./gpus"
import { nobody, socketFolder, removeUnusedFolders, type RunFolders } from "./folders"
import { endRelay, enterWithRelay, isRelayed, mayEnter, modelPort, startSidecar } from "./relay"
import { callbackOrigin, overSocket } from "./sockets"
import { firstFile, tar } from "./tar"

type Options = {
  folders: RunFolders
  /** The engine's socket. */
  socket: string
  /** Disk limit of an instance in bytes. */
  disk?: (spec: InstanceSpec) => number
  /** Forces the relay to be a container where it could be a process. */
  sidecar?: boolean
  /** Interval of disk usage checks, where the engine enforces no limit itself. */
  lookEveryMs?: number
  /** Limits of pulled images. */
  images?: ImageLimits
  /** The names of the machine's GPUs, in the order of their indexes. */
  gpus?: string[]
}

type Info = {
  SecurityOptions?: string[]
  MemoryLimit?: boolean
  PidsLimit?: boolean
  CpuCfsQuota?: boolean
  NCPU: number
}

const labels = { instance: "understudy.instance", installation: "understudy.installation", role: "understudy.role" }
const gpusLabel = "understudy.gpus"

/** Images are cleaned up after changes, and periodically because they age. */
const cleanEveryMs = 10 * 60_000

const gigabyte = 2 ** 30
const diskOf = ({ memory_mb }: InstanceSpec) => Math.max(20 * gigabyte, 8 * memory_mb * 2 ** 20)

/** The sockets of engines: DOCKER_HOST, or Docker's socket, podman's system socket and those of the server's user. */
export function dockerSockets(env: Record<string, string | undefined> = process.env): string[] {
  const said = env.DOCKER_HOST
  if (said) return said.startsWith("unix://") ? [said.slice("unix://".length)] : []
  const own = env.XDG_RUNTIME_DIR
  return [
    "/var/run/docker.sock",
    ...(own ? [path.join(own, "docker.sock")] : []),
    "/run/podman/podman.sock",
    ...(own ? [path.join(own, "podman/podman.sock")] : []),
  ]
}

/** The first socket at which an engine answers; otherwise the first that exists, because its engine may return. */
export async function findDockerSocket(sockets = dockerSockets()): Promise<string | null> {
  const there = sockets.filter((socket) => existsSync(socket))
  if (there.length > 1) for (const socket of there) if (await answers(socket)) return socket
  return there[0] ?? null
}

async function answers(socket: string): Promise<boolean> {
  const api = dockerApi(socket)
  try {
    await api.json("GET", "/info", { signal: AbortSignal.timeout(5_000) })
    return true
  } catch {
    return false
  } finally {
    await api.close()
  }
}

/** The folder of the engine's state, which survives restarts. Created with the first instance. */
export const dockerFolder = ({ state }: RunFolders): string => path.join(state, "docker")

/** Runs pushed models as containers of Docker or podman, connected to the runner by a relay. */
export function dockerEngine({
  folders,
  socket,
  disk = diskOf,
  sidecar = false,
  lookEveryMs = 3_000,
  images: limitsOfImages = { bytes: 0, ms: 0 },
  gpus: gpusOfMachine = [],
}: Options): Engine {
  const api = dockerApi(socket)
  const state = dockerFolder(folders)
  const installation = installationOf(folders.state)
  const nameOf = (id: string) => `understudy-${installation.slice(0, 8)}-${id}`
  const relayNameOf = (id: string) => `${nameOf(id)}-relay`
  const relayFile = (id: string) => path.join(state, `${id}.relay`)
  const sockets = (id: string) => path.join(folders.sockets, id)
  const { tell, watch } = engineEvents()
  const starting = new Map<string, { done: Promise<void>; abort: AbortController }>()
  const dispatchers = new Map<string, Dispatcher>()
  const running = new Set<string>()
  const outOfMemory = new Set<string>()
  const limits = new Map<string, number>()
  const images = pulledImages(api, path.join(state, "images.json"), limitsOfImages)
  const closing = new AbortController()
  let limitsDisk: boolean | undefined
  let choosing: Promise<unknown> = Promise.resolve()
  let found: { info: Info; isPodman: boolean } | undefined

  const ours = (role: "model" | "relay", id: string) => ({
    [labels.instance]: id,
    [labels.installation]: installation,
    [labels.role]: role,
  })
  const filters = (more: Record<string, string[]> = {}) =>
    JSON.stringify({ label: [`${labels.installation}=${installation}`], ...more })

  async function look() {
    const signal = AbortSignal.timeout(5_000)
    const [info, { Components, Version }] = await Promise.all([
      api.json<Info>("GET", "/info", { signal }),
      api.json<{ Components?: { Name: string }[]; Version: string }>("GET", "/version", { signal }),
    ])
    const isPodman = Components?.some(({ Name }) => /podman/i.test(Name)) ?? /podman/i.test(Version)
    return (found = { info, isPodman })
  }
  const known = async () => found ?? look()

  async function start(spec: InstanceSpec, signal: AbortSignal) {
    await makeFolder(state)
    socketFolder(folders.sockets, spec.id)
    let container = await find(spec.id)
    if (!container) {
      container = await images.keeping(spec.image, async (pulled) => {
        await pull(spec, signal, pulled)
        signal.throwIfAborted()
        tell({ id: spec.id, state: "starting" })
        return spec.gpus > 0 ? inTurn(() => create(spec)) : create(spec)
      })
    }
    if (!container.State.Running) await begin(spec, container.Id)
    const started = await inspect(container.Id)
    const { info } = await known()
    const missing = missingIsolation(spec, started.HostConfig, {
      cpus: cpusOf(spec, info),
      pids: pidsOf(spec),
      network: spec.egress === "internet" ? networkOf(installation) : "none",
    })
    if (missing) {
      await remove(spec.id)
      throw new EngineFailure("capacity", missing)
    }
    if (started.State.Running) await relay(spec.id, started)
    signal.throwIfAborted()
    running.add(spec.id)
    tell({ id: spec.id, state: "running" })
    await endedIfSo(spec.id)
  }

  /** Skips images that are present, without checking the credential: the hub decides who may run them. */
  async function pull({ id, image, pull: credential }: InstanceSpec, signal: AbortSignal, pulled: () => void) {
    if (await api.json("GET", `/images/${image}/json`).catch(() => null)) return
    tell({ id, state: "pulling" })
    const [name, digest] = image.split("@") as [string, string?]
    const [serveraddress = ""] = name.split("/")
    const headers: Record<string, string> = credential
      ? { "x-registry-auth": registryAuth({ ...credential, serveraddress }) }
      : {}
    for (let tries = 1; ; tries++)
      try {
        const lines = api.lines("POST", "/images/create", { query: { fromImage: name, tag: digest }, headers, signal })
        for await (const { error } of lines) if (error) throw new Error(error)
        pulled()
        void images.clean()
        return
      } catch (error) {
        if (signal.aborted) throw error
        const { message } = error as Error
        // A server can order instances before its registry listens.
        if (tries < 5 && /connection refused/.test(message)) await sleep(1_000, undefined, { signal })
        else
          throw new EngineFailure(
            "image",
            `The image could not be pulled: ${message}${aboutAddress(message, serveraddress)}`,
            {
              cause: error,
            },
          )
      }
  }

  /** Runs `work` after that of earlier calls, so that no two containers are created with the same GPUs. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = choosing.then(work)
    choosing = done.catch(() => {})
    return done
  }

  async function create(spec: InstanceSpec) {
    const image = await api.json<{ Config: { Cmd?: string[]; Env?: string[] } }>("GET", `/images/${spec.image}/json`)
    const gpus = await freeGpus(spec)
    const limit = disk(spec)
    limits.set(spec.id, limit)
    const network = spec.egress === "internet" ? await openNetwork(api, installation) : "none"
    const body = await containerBody(spec, image.Config.Cmd ?? [], { gpus, network })
    for (const StorageOpt of limitsDisk === false ? [undefined] : [{ size: String(limit) }, undefined])
      try {
        const HostConfig = { ...body.HostConfig, ...(StorageOpt && { StorageOpt }) }
        await api.json("POST", "/containers/create", {
          query: { name: nameOf(spec.id) },
          body: { ...body, HostConfig },
        })
        limitsDisk = StorageOpt !== undefined
        break
      } catch (error) {
        // A concurrent start created the container first.
        if (error instanceof DockerError && error.status === 409) break
        if (StorageOpt && error instanceof DockerError && /storage|quota|size/i.test(error.message)) continue
        throw new EngineFailure("exit", `The container could not be created: ${(error as Error).message}`, {
          cause: error,
        })
      }
    const made = await find(spec.id)
    if (!made) throw new EngineFailure("exit", "The container disappeared after it was created.")
    return made
  }

  async function containerBody(spec: InstanceSpec, command: string[], given: { gpus: string[]; network: string }) {
    const { info, isPodman } = await known()
    const memory = spec.memory_mb * 2 ** 20
    const env: Record<string, string> = {
      ...spec.env,
      PORT: String(modelPort),
      COG_SETUP_TIMEOUT: String(spec.setup_limit),
      COG_THROTTLE_RESPONSE_INTERVAL: "0.1",
    }
    return {
      Image: spec.image,
      Cmd: commandOf(command, spec.mode),
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Hostname: "model",
      Labels: { ...ours("model", spec.id), ...(given.gpus.length > 0 && { [gpusLabel]: given.gpus.join(",") }) },
      HostConfig: {
        NetworkMode: given.network,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        IpcMode: "private",
        Memory: memory,
        MemorySwap: memory,
        ShmSize: Math.floor(memory / 2),
        NanoCpus: Math.round(cpusOf(spec, info) * 1e9),
        PidsLimit: pidsOf(spec),
        LogConfig: isPodman ? undefined : { Type: "json-file", Config: { "max-size": "16m", "max-file": "2" } },
        Ulimits: isPodman
          ? [
              { Name: "nofile", Soft: 1024, Hard: 4096 },
              { Name: "nproc", Soft: 4096, Hard: 4096 },
            ]
          : [{ Name: "core", Soft: 0, Hard: 0 }],
        ...(given.gpus.length > 0 && { DeviceRequests: [{ DeviceIDs: given.gpus, Capabilities: [["gpu"]] }] }),
      },
    }
  }

  /** The indexes of GPUs for an instance that no container of this installation has. Throws if they are not enough. */
  async function freeGpus({ gpus: wanted, hardware, hardware_name = hardware }: InstanceSpec): Promise<string[]> {
    if (wanted === 0) return []
    const containers = await api.json<{ Labels: Record<string, string> }[]>("GET", "/containers/json", {
      query: { all: true, filters: filters() },
    })
    const taken = new Set(containers.flatMap(({ Labels }) => Labels[gpusLabel]?.split(",") ?? []))
    const free = gpusOfMachine.flatMap((name, index) =>
      isOfKind(name, hardware_name) && !taken.has(String(index)) ? [String(index)] : [],
    )
    if (free.length < wanted)
      throw new EngineFailure(
        "capacity",
        `Not enough free GPUs for ${hardware}: it needs ${wanted}, and ${free.length} are free.`,
      )
    return free.slice(0, wanted)
  }

  async function begin(spec: InstanceSpec, container: string) {
    try {
      // Not every image has a temporary folder.
      await api.json("PUT", `/containers/${container}/archive`, {
        query: { path: "/" },
        archive: tar([{ name: "tmp/", mode: 0o1777 }]),
      })
      await api.json("POST", `/containers/${container}/start`)
    } catch (error) {
      const { message } = error as Error
      await remove(spec.id).catch(() => {})
      if (/device driver|nvidia|cdi/i.test(message))
        throw new EngineFailure("capacity", `This machine gives containers no GPU: ${message}`, { cause: error })
      throw new EngineFailure("exit", `The container could not be started: ${message}`, { cause: error })
    }
  }

  async function relay(id: string, container: Inspected) {
    if (await isRelayed(sockets(id))) return
    try {
      if (!sidecar && mayEnter(container.State.Pid, container.Id))
        return await enterWithRelay(container.State.Pid, sockets(id), relayFile(id))
      const uid = process.getuid?.() ?? nobody
      const isRootless = (await known()).info.SecurityOptions?.some((option) => option.includes("rootless"))
      await startSidecar(api, {
        name: relayNameOf(id),
        container: container.Id,
        folder: sockets(id),
        labels: ours("relay", id),
        user: uid === 0 ? `${nobody}:${nobody}` : isRootless ? "0:0" : `${uid}:${process.getgid!()}`,
      })
    } catch (error) {
      // The engine may notice the end of a container a moment after its process is gone.
      for (const deadline = Date.now() + 2_000; Date.now() < deadline; await sleep(100))
        if (!(await inspect(container.Id)).State.Running) return
      throw new EngineFailure("exit", `The container cannot be reached: ${(error as Error).message}`, { cause: error })
    }
  }

  const inspect = (container: string) => api.json<Inspected>("GET", `/containers/${container}/json`)

  /** The container of an instance; null if this installation has none. */
  async function find(id: string): Promise<Inspected | null> {
    const [container] = await api.json<{ Id: string }[]>("GET", "/containers/json", {
      query: { all: true, filters: JSON.stringify({ label: labelled("model", id) }) },
    })
    return container ? inspect(container.Id) : null
  }
  const labelled = (role: "model" | "relay", id: string) =>
    Object.entries(ours(role, id)).map(([name, value]) => `${name}=${value}`)

  async function remove(id: string) {
    for (const role of ["model", "relay"] as const) {
      const containers = await api.json<{ Id: string }[]>("GET", "/containers/json", {
        query: { all: true, filters: JSON.stringify({ label: labelled(role, id) }) },
      })
      for (const { Id } of containers) await removeContainer(Id)
    }
    await endRelay(relayFile(id))
    await rm(`${relayFile(id)}.log`, { force: true })
    await rm(sockets(id), { recursive: true, force: true })
  }

  async function removeContainer(container: string) {
    for (const deadline = Date.now() + 30_000; ; await sleep(200))
      try {
        await api.json("DELETE", `/containers/${container}`, { query: { force: true, v: true } })
        return
      } catch (error) {
        const status = error instanceof DockerError ? error.status : 0
        if (status === 404) return
        // It is already being removed, or has just ended.
        if ((status === 409 || status === 500) && Date.now() < deadline) continue
        throw error
      }
  }

  async function ended(id: string, because?: Pick<EngineEvent, "reason" | "detail">) {
    if (!running.delete(id)) return
    const container = await find(id).catch(() => null)
    const code = container?.State.ExitCode
    const isOom = outOfMemory.delete(id) || container?.State.OOMKilled
    const detail = isOom
      ? `The model exceeded the memory of its hardware (${Math.round((container?.HostConfig.Memory ?? 0) / 2 ** 20)} MB).`
      : !container
        ? "Its container was removed from outside."
        : code === 137
          ? "The container was killed (137), perhaps because it took too much memory."
          : `The container ended by itself (exit code ${code}).`
    tell({ id, state: "gone", reason: isOom ? "oom" : "exit", detail, ...because })
  }

  /** Subscribes to engine events. After an interruption, checks for missed ones. */
  async function listen() {
    while (!closing.signal.aborted) {
      try {
        const events = api.lines("GET", "/events", {
          query: { filters: filters({ type: ["container"] }) },
          signal: closing.signal,
        })
        void checkEnded().catch(() => {})
        for await (const event of events) {
          const id = event.Actor?.Attributes?.[labels.instance]
          if (!id || event.Actor.Attributes[labels.role] !== "model") continue
          if (event.Action === "oom") {
            outOfMemory.add(id)
            tell({ id, state: "running", reason: "oom" })
          } else if (/^(die|died|destroy|remove|kill|stop|cleanup)$/.test(event.Action)) await endedIfSo(id)
        }
      } catch (error) {
        if (!closing.signal.aborted) log("debug", "the engine's events broke off", { error })
      }
      await sleep(1_000, undefined, { ref: false })
    }
  }
  const endedIfSo = async (id: string) => {
    const container = await find(id)
    if (!container?.State.Running) await ended(id)
  }
  async function checkEnded() {
    for (const id of running) await endedIfSo(id)
  }

  /** Checks disk usage periodically. Slow checks, of much data, run less often. */
  async function watchDisks() {
    for (let took = 0; !closing.signal.aborted;) {
      await sleep(Math.max(lookEveryMs, 4 * took), undefined, { ref: false, signal: closing.signal }).catch(() => {})
      if (closing.signal.aborted) return
      const began = performance.now()
      await checkDisks().catch(() => {})
      took = performance.now() - began
    }
  }

  /** Stops instances over the disk limit, where the engine does not enforce it. */
  async function checkDisks() {
    if (limitsDisk !== false || running.size === 0) return
    const containers = await api.json<{ Labels: Record<string, string>; SizeRw?: number }[]>(
      "GET",
      "/containers/json",
      {
        query: { size: true, filters: filters() },
      },
    )
    for (const { Labels, SizeRw = 0 } of containers) {
      const id = Labels[labels.instance]!
      const limit = limits.get(id) ?? 20 * gigabyte
      if (Labels[labels.role] !== "model" || SizeRw <= limit) continue
      const detail = `The model exceeded its disk limit of ${Math.round(limit / 1e6)} MB.`
      await ended(id, { reason: "capacity", detail })
      await remove(id)
    }
  }
  const cleaning = setInterval(() => void images.clean(), cleanEveryMs)
  cleaning.unref()
  void watchDisks()
  void listen()

  return {
    name: "docker",
    callbackOrigin: () => callbackOrigin,
    callbackSocket: (id) => path.join(sockets(id), "callback.sock"),
    watch,

    async check() {
      try {
        await look()
        return null
      } catch (error) {
        return `No engine answers at ${socket}: ${(error as Error).message}`
      }
    },

    async missing() {
      const { info } = await known()
      const has = (name: string) => info.SecurityOptions?.some((option) => option.includes(name))
      return [
        ...(has("seccomp") ? [] : ["System calls are not filtered: the engine has no seccomp."]),
        ...(has("userns") || has("rootless")
          ? []
          : [
              "Root in a container is also root outside, though without capabilities: the engine has no user namespaces.",
            ]),
        ...(info.MemoryLimit === false ? ["Nothing can be started: the engine cannot limit memory."] : []),
        ...(info.PidsLimit === false ? ["Nothing can be started: the engine cannot limit processes."] : []),
      ]
    },

    async ensure(spec) {
      const begun = starting.get(spec.id)
      if (begun) return begun.done
      const abort = new AbortController()
      const done = start(spec, abort.signal).finally(() => starting.delete(spec.id))
      starting.set(spec.id, { done, abort })
      await done
    },

    async list() {
      const containers = await api.json<{ Id: string; State: string; Labels: Record<string, string> }[]>(
        "GET",
        "/containers/json",
        { query: { all: true, filters: filters() } },
      )
      const models = containers.filter(({ Labels }) => Labels[labels.role] === "model")
      const isModel = (id: string) => models.some(({ Labels }) => Labels[labels.instance] === id)
      for (const { Id, Labels } of containers)
        if (Labels[labels.role] === "relay" && !isModel(Labels[labels.instance]!)) await removeContainer(Id)
      if (process.getuid?.() === 0)
        await renewRules(api, installation).catch((error) =>
          log("warn", "the rules of the network of models are not set", { error }),
        )
      const list: Running[] = []
      for (const { Id, State, Labels } of models) {
        const id = Labels[labels.instance]!
        const isRunning = State === "running"
        if (isRunning) {
          socketFolder(folders.sockets, id)
          await relay(id, await inspect(Id)).catch((error) =>
            log("warn", "a relay could not be started", { error, instance: id }),
          )
          running.add(id)
        }
        list.push({ id, state: isRunning ? "running" : "gone" })
      }
      void images.clean()
      return list
    },

    async *logs(id, signal) {
      const container = await find(id)
      if (!container) return
      const query = { follow: true, stdout: true, stderr: true }
      const decoder = new TextDecoder()
      try {
        const stream = await api.stream("GET", `/containers/${container.Id}/logs`, { query, signal })
        for await (const piece of unframed(stream)) yield decoder.decode(piece, { stream: true })
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },

    async logTail(id) {
      const container = await find(id)
      if (!container) return ""
      const query = { stdout: true, stderr: true, tail: 200 }
      const chunks: Buffer[] = []
      for await (const piece of unframed(await api.stream("GET", `/containers/${container.Id}/logs`, { query })))
        chunks.push(piece)
      return Buffer.concat(chunks).toString().slice(-20_000)
    },

    dispatcher(id) {
      const dispatcher = dispatchers.get(id) ?? overSocket(path.join(sockets(id), "model.sock"))
      dispatchers.set(id, dispatcher)
      return dispatcher
    },

    async reconnect(id) {
      const container = await find(id)
      if (!container?.State.Running || (await isRelayed(sockets(id)))) return false
      await relay(id, container)
      return true
    },

    async openFile(id, file) {
      const container = await find(id)
      if (!container) throw new Error("the container is gone")
      const archive = await api.stream("GET", `/containers/${container.Id}/archive`, { query: { path: file } })
      return { body: Readable.from(firstFile(archive), { objectMode: false }), size: null }
    },

    async stop(id, graceMs) {
      starting.get(id)?.abort.abort()
      await starting.get(id)?.done.catch(() => {})
      running.delete(id)
      outOfMemory.delete(id)
      const container = await find(id)
      if (container?.State.Running && graceMs > 0) {
        await this.dispatcher(id)
          .request({ origin: "http://model", path: "/shutdown", method: "POST", headersTimeout: graceMs })
          .then(({ body }) => body.dump())
          .catch(() => {})
        const signal = AbortSignal.timeout(graceMs)
        await api.json("POST", `/containers/${container.Id}/wait`, { signal }).catch(() => {})
      }
      await dispatchers.get(id)?.destroy()
      dispatchers.delete(id)
      await remove(id)
      limits.delete(id)
      void images.clean()
    },

    async close() {
      closing.abort()
      clearInterval(cleaning)
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()))
      await api.close()
      removeUnusedFolders(folders)
    },
  }
}

type Inspected = {
  Id: string
  State: { Running: boolean; Pid: number; ExitCode: number; OOMKilled?: boolean }
  HostConfig: Given
}

/** A hint for the operator if the engine cannot reach the registry. */
const aboutAddress = (message: string, registry: string) =>
  /connection refused|no such host|no route to host|unreachable|time.?out|HTTP response to HTTPS client|certificate/i.test(
    message,
  )
    ? `\nThe engine looked for it at ${registry}. If this server has another address there, set RUN_REGISTRY (see docs/running.md).`
    : ""

const cpusOf = ({ cpus }: InstanceSpec, { NCPU }: Info) => Math.min(cpus, NCPU)
const pidsOf = ({ cpus }: InstanceSpec) => 512 + Math.ceil(cpus) * 128

/** The image's command with arguments for Cog's server appended. */
function commandOf(command: string[], mode: InstanceSpec["mode"]): string[] {
  const ours = [
    ["--await-explicit-shutdown", "true"],
    ["--upload-url", `${callbackOrigin}/upload/`],
    ...(mode === "train" ? [["--x-mode", "train"]] : []),
  ].flat()
  if (command.length === 0) return ["python", "-m", "cog.server.http", ...ours]
  const [shell, flag, line, ...rest] = command
  if (flag === "-c" && line !== undefined && rest.length === 0 && /\bsh$/.test(shell!))
    return [shell!, flag, `${line} ${ours.join(" ")}`]
  return [...command, ...ours]
}

/** The ID of this installation, which labels its containers; created on first use. */
function installationOf(folder: string): string {
  const file = path.join(folder, "installation")
  if (!existsSync(file)) createFileAtomicSync(file, randomUUID())
  return readFileSync(file, "utf8").trim()
}
