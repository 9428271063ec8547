import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { accessSync, constants, existsSync, readFileSync } from "node:fs"
import { chmod, copyFile, open, readFile, realpath, rm, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { moveIntoPlace, partialOf } from "@/db/atomic-file"
import type { DockerApi } from "./docker-api"
import { noEnv, onPath, sharedLibraries } from "./sandbox"
import { nobody } from "./folders"
import { processOf } from "./processes"
import { tar, type TarEntry } from "./tar"

// Connects a container without network to its runner: forwards between the container's loopback and unix sockets.

const program = path.resolve("lib/engines/relay-program.mjs")
/** Limits the memory of a relay, which holds only data in transit. */
const lowMemoryFlags = ["--max-old-space-size=32", "--max-semi-space-size=1", "--no-warnings"]

export const modelPort = 5000
const callbackPort = 9000

const argumentsIn = (folder: string) => [
  path.join(folder, "model.sock"),
  String(modelPort),
  path.join(folder, "callback.sock"),
  String(callbackPort),
]

/** Whether the relay accepts connections to the model. */
export const isRelayed = (folder: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path.join(folder, "model.sock"))
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })

/** Whether this process can enter a container's network namespace. It must be root on the same machine. */
export function mayEnter(pid: number, container: string): boolean {
  if (process.getuid?.() !== 0 || !onPath("nsenter")) return false
  try {
    accessSync(`/proc/${pid}/ns/net`, constants.R_OK)
    return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(container)
  } catch {
    return false
  }
}

/** Starts a relay as a process in a container's network, as `nobody` if that can run Node. It outlives the server. */
export async function enterWithRelay(pid: number, folder: string, file: string): Promise<void> {
  await endRelay(file)
  await rm(path.join(folder, "model.sock"), { force: true })
  const copy = path.join(path.dirname(folder), "relay.mjs")
  await copyProgram(copy)
  const rights = nobodyRunsNode() ? [`--setuid=${nobody}`, `--setgid=${nobody}`] : []
  const node = [process.execPath, ...lowMemoryFlags, copy, ...argumentsIn(folder), String(pid)]
  const log = await open(`${file}.log`, "w", 0o600)
  const child = spawn("nsenter", [`--net=/proc/${pid}/ns/net`, ...rights, "--", ...node], {
    env: { ...noEnv, PATH: process.env.PATH },
    cwd: "/",
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  })
  const failed = await new Promise<Error | null>((resolve) => {
    child.once("spawn", () => resolve(null))
    child.once("error", resolve)
  })
  await log.close()
  if (failed) throw failed
  child.unref()
  const { born } = processOf(child.pid!)
  await writeFile(file, JSON.stringify({ pid: child.pid, born }), { mode: 0o600 })
  if (await isThere(folder, () => child.exitCode === null)) return
  throw new Error(`The relay does not run: ${(await readFile(`${file}.log`, "utf8")).trim().slice(-500)}`)
}

/**
 * Copies the program to where `nobody` can read it, who may not be able to read the installation. It is replaced in one
 * piece, because a relay that is just starting reads the same copy.
 */
async function copyProgram(copy: string) {
  const partial = partialOf(copy)
  try {
    await copyFile(program, partial)
    await chmod(partial, 0o644)
    await moveIntoPlace(partial, copy)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

/** Ends the relay recorded in a file, if it is running. */
export async function endRelay(file: string): Promise<void> {
  try {
    const { pid, born } = JSON.parse(await readFile(file, "utf8"))
    processOf(pid, born).kill()
  } catch {
    // No relay is running.
  }
  await rm(file, { force: true })
}

/** Starts a relay as a separate container, for servers that have only the engine's socket. */
export async function startSidecar(
  api: DockerApi,
  part: { name: string; container: string; folder: string; labels: Record<string, string>; user: string },
): Promise<void> {
  const { name, container, folder, labels, user } = part
  await api.json("DELETE", `/containers/${name}`, { query: { force: true, v: true } }).catch(() => {})
  await rm(path.join(folder, "model.sock"), { force: true })
  const source = await onHost(api, folder)
  const { Id } = await api.json("POST", "/containers/create", {
    query: { name },
    body: {
      Image: await relayImage(api),
      Cmd: argumentsIn("/sockets"),
      User: user,
      Labels: labels,
      HostConfig: {
        NetworkMode: `container:${container}`,
        Binds: [`${source}:/sockets`],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        ReadonlyRootfs: true,
        Memory: 256 * 2 ** 20,
        PidsLimit: 64,
      },
    },
  })
  await api.json("POST", `/containers/${Id}/start`)
  if (await isThere(folder, () => true)) return
  throw new Error("The relay does not run in its container.")
}

async function isThere(folder: string, mayCome: () => boolean) {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline && mayCome(); await sleep(20))
    if (await isRelayed(folder)) return true
  return false
}

/** Builds an image with the relay and this server's Node, unless the engine has it. Returns its name. */
async function relayImage(api: DockerApi) {
  const text = await readFile(program)
  const libraries = (await sharedLibraries()) ?? []
  const version = createHash("sha256")
    .update(text)
    .update(process.version)
    .update(process.arch)
    .update(libraries.join())
  const name = `understudy-relay:${version.digest("hex").slice(0, 16)}`
  if (await api.json("GET", `/images/${name}/json`).catch(() => null)) return name
  const entries: TarEntry[] = [{ name: "relay.mjs", mode: 0o644, content: text }]
  for (const file of [process.execPath, ...libraries])
    entries.push({
      name: file === process.execPath ? "node" : file.slice(1),
      mode: 0o755,
      content: await readFile(await realpath(file)),
    })
  const [repo, tag] = name.split(":")
  const changes = `ENTRYPOINT ${JSON.stringify(["/node", ...lowMemoryFlags, "/relay.mjs"])}`
  for await (const line of api.lines("POST", "/images/create", {
    query: { fromSrc: "-", repo, tag, changes },
    archive: tar(entries),
  }))
    if (line.error) throw new Error(line.error)
  return name
}

/** Translates a path of this server to one of the machine: in a container, the source of the mount. */
async function onHost(api: DockerApi, folder: string): Promise<string> {
  const own = ownContainer()
  if (!own) return folder
  const { Mounts } = await api.json<{ Mounts: { Source: string; Destination: string }[] }>(
    "GET",
    `/containers/${own}/json`,
  )
  const mount = Mounts.filter(({ Destination }) =>
    `${folder}/`.startsWith(`${Destination.replace(/\/$/, "")}/`),
  ).toSorted((a, b) => b.Destination.length - a.Destination.length)[0]
  if (!mount) throw new Error(`${folder} is not on a volume, so that the engine cannot reach it.`)
  return path.join(mount.Source, path.relative(mount.Destination, folder))
}

/** The ID of the container that this server runs in; null outside of one. */
function ownContainer(): string | null {
  if (!existsSync("/.dockerenv") && !existsSync("/run/.containerenv")) return null
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
  return /([0-9a-f]{64})\/(?:userdata\/)?(?:hostname|hosts|resolv\.conf) /.exec(mounts)?.[1] ?? null
}

let nobodyDoes: boolean | undefined
const nobodyRunsNode = () =>
  (nobodyDoes ??=
    spawnSync(process.execPath, ["-e", "0"], { uid: nobody, gid: nobody, env: noEnv, cwd: "/", stdio: "ignore" })
      .status === 0)
