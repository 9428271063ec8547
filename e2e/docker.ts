import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { removeWithMounts } from "../lib/test/docker-daemon"
import { ended, onPath, type Ended } from "./images"

/**
 * The paths of Docker's engine and client, if installed: `npm test` installs them from Debian. The engine needs root.
 */
const dockerd = process.getuid?.() === 0 ? onPath("dockerd") : undefined
const docker = onPath("docker")
export const dockerHere = Boolean(dockerd && docker)

const ip = onPath("ip")

export type Docker = {
  /** Runs the client with this engine and a separate configuration, and returns its output. */
  (...args: string[]): Promise<Ended>
  /** Passes a password to the client on stdin. */
  withInput(input: string, ...args: string[]): Promise<Ended>
  /** The environment of programs that use the client with this engine. */
  env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/**
 * Starts an engine that stores everything in `folder` and creates no networks; with `bridge`, a network of this name
 * exists until it stops, so that ports of containers can be published on this machine. Null if it does not start, for
 * example without access to control groups; the reason is printed.
 */
export async function startDocker(folder: string, bridge?: string): Promise<Docker | null> {
  if (bridge !== undefined && !(await addBridge(bridge))) return null
  const [socket, logFile] = [join(folder, "docker.sock"), join(folder, "log")]
  mkdirSync(folder, { recursive: true })
  const log = openSync(logFile, "w")
  const engine = spawn(
    dockerd!,
    [
      "--host",
      `unix://${socket}`,
      "--data-root",
      join(folder, "data"),
      "--exec-root",
      join(folder, "exec"),
      "--pidfile",
      join(folder, "pid"),
      "--storage-driver",
      "vfs",
      "--bridge",
      bridge ?? "none",
      "--ip-forward=false",
      "--iptables=false",
      "--ip6tables=false",
    ],
    { stdio: ["ignore", log, log] },
  )
  closeSync(log)
  const gone = new Promise<void>((resolve) => engine.once("close", () => resolve()))
  const options = {
    env: {
      ...process.env,
      DOCKER_HOST: `unix://${socket}`,
      DOCKER_CONFIG: join(folder, "config"),
      DOCKER_BUILDKIT: "0",
    },
  }
  const run = (...args: string[]) => ended(docker!, args, options)
  const stop = async () => {
    const left = (await run("ps", "--all", "--quiet")).stdout.split("\n").filter(Boolean)
    if (left.length > 0) await run("rm", "--force", "--volumes", ...left)
    engine.kill("SIGTERM")
    await gone
    if (bridge !== undefined) await ended(ip!, ["link", "delete", bridge])
    removeWithMounts(folder)
  }

  const deadline = Date.now() + 60_000
  while (engine.exitCode === null && Date.now() < deadline) {
    if ((await run("version", "--format", "{{.Server.Version}}")).code === 0)
      return Object.assign(run, {
        stop,
        env: options.env,
        withInput: (input: string, ...args: string[]) => ended(docker!, args, options, input),
      })
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  console.log(`Docker's engine does not run here:\n${readFileSync(logFile, "utf8").slice(-2000)}`)
  await stop()
  return null
}

async function addBridge(name: string): Promise<boolean> {
  if (!ip) return false
  const steps = [`link add ${name} type bridge`, `address add 10.231.77.1/24 dev ${name}`, `link set ${name} up`]
  for (const step of steps) {
    const { code, stderr } = await ended(ip, step.split(" "))
    if (code !== 0) {
      console.log(`No network for containers here: ${stderr}`)
      await ended(ip, ["link", "delete", name])
      return false
    }
  }
  return true
}
