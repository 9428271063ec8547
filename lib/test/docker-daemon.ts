import { spawn, spawnSync } from "node:child_process"
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { dockerApi, type DockerApi } from "@/lib/engines/docker-api"
import { sharedLibraries } from "@/lib/engines/sandbox"
import { tar } from "@/lib/engines/tar"

const onPath = (program: string) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(existsSync)

/** The engine needs root. `npm test` installs it from Debian. */
export const dockerHere = process.getuid?.() === 0 && onPath("dockerd") !== undefined
export const podmanHere = process.getuid?.() === 0 && onPath("podman") !== undefined

export type Daemon = {
  socket: string
  folder: string
  api: DockerApi
  stop(): Promise<void>
  kill(): Promise<void>
  restart(): Promise<void>
}

/**
 * Starts Docker's engine with all its data in a separate folder, without changing this machine's networks. Null if it
 * does not start.
 */
export async function startDockerd(): Promise<Daemon | null> {
  const folder = mkdtempSync(join(tmpdir(), "us-docker-"))
  const kept = `--data-root ${folder}/data --exec-root ${folder}/exec --pidfile ${folder}/pid`
  const plain = "--bridge none --iptables=false --ip6tables=false"
  const socket = `${folder}/docker.sock`
  for (const driver of ["overlay2", "vfs"]) {
    const args = `--host unix://${socket} ${kept} ${plain} --storage-driver ${driver}`.split(" ")
    const daemon = await startDaemon(folder, "dockerd", args, socket)
    if (daemon) return daemon
  }
  rmSync(folder, { recursive: true, force: true })
  return null
}

/** Starts podman's API service in a separate folder; null if it does not start. */
export async function startPodman(): Promise<Daemon | null> {
  const folder = mkdtempSync(join(tmpdir(), "us-podman-"))
  const socket = `${folder}/podman.sock`
  const kept = `--root ${folder}/data --runroot ${folder}/run --storage-driver vfs --cgroup-manager cgroupfs`
  // Docker's runtime supports every version of control groups.
  const runtime = onPath("runc") ? "--runtime runc" : ""
  const args = `${kept} ${runtime} --events-backend file system service --time 0 unix://${socket}`.split(/ +/)
  return startDaemon(folder, "podman", args, socket)
}

async function startDaemon(folder: string, program: string, args: string[], socket: string): Promise<Daemon | null> {
  mkdirSync(folder, { recursive: true })
  let engine = run()
  function run() {
    const log = openSync(join(folder, "log"), "a")
    const child = spawn(program, args, { stdio: ["ignore", log, log] })
    closeSync(log)
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve()).once("error", () => resolve()))
    return { child, gone }
  }
  const api = dockerApi(socket)
  const answers = async () => {
    for (
      const deadline = Date.now() + 60_000;
      engine.child.exitCode === null && Date.now() < deadline;
      await sleep(200)
    )
      if (await api.json("GET", "/info").catch(() => null)) return true
    return false
  }
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    engine.child.kill(signal)
    await engine.gone
  }
  const daemon: Daemon = {
    socket,
    folder,
    api,
    async kill() {
      await end("SIGKILL")
      // containerd, for which a new engine would wait in vain if it does not respond. Containers keep running.
      const other = join(folder, "exec/containerd/containerd.pid")
      if (existsSync(other)) spawnSync("kill", ["-9", readFileSync(other, "utf8").trim()])
    },
    async restart() {
      for (let tries = 0; tries < 3; tries++) {
        engine = run()
        if (await answers()) return
        await end("SIGKILL")
      }
      throw new Error(`The engine did not come back: ${logOf(folder)}`)
    },
    async stop() {
      const containers = await api
        .json<{ Id: string }[]>("GET", "/containers/json", { query: { all: true } })
        .catch(() => [])
      for (const { Id } of containers)
        await api.json("DELETE", `/containers/${Id}`, { query: { force: true, v: true } }).catch(() => {})
      await api.close()
      await end("SIGTERM")
      removeWithMounts(folder)
    },
  }
  if (await answers()) return daemon
  console.log(`${program} does not run here:\n${logOf(folder)}`)
  await end("SIGKILL")
  return null
}

/** Removes a folder in which an engine may have left mounts. */
export function removeWithMounts(folder: string): void {
  for (const mount of mountsBelow(folder)) spawnSync("umount", ["--lazy", mount])
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

const mountsBelow = (folder: string) =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .filter((mount) => mount.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)

const logOf = (folder: string) => readFileSync(join(folder, "log"), "utf8").slice(-2000)

/** Imports an image with Node and the test models into an engine, without any network. Returns its name and tag. */
export async function importModel(api: DockerApi, name: string, changes: string[] = []): Promise<string> {
  const libraries = (await sharedLibraries()) ?? []
  const read = (file: string) => readFileSync(realpathSync(file))
  const entries = [
    { name: "src/", mode: 0o755 },
    { name: "src/model.mjs", mode: 0o644, content: read("lib/test/cog-model.mjs") },
    { name: "src/hostile.mjs", mode: 0o644, content: read("lib/test/hostile-deeds.mjs") },
    { name: "etc/passwd", mode: 0o644, content: Buffer.from("root:x:0:0::/root:/\n") },
    { name: "node", mode: 0o755, content: read(process.execPath) },
    ...libraries.map((file) => ({ name: file.slice(1), mode: 0o755, content: read(file) })),
  ]
  const [repo, tag = "latest"] = name.split(":")
  const image = api.lines("POST", "/images/create", {
    query: { fromSrc: "-", repo, tag, changes: ['CMD ["/node", "/src/model.mjs"]', "WORKDIR /src", ...changes] },
    archive: tar(entries),
  })
  for await (const { error } of image) if (error) throw new Error(error)
  return `${repo}:${tag}`
}
