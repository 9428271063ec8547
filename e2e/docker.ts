import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { removeWithMounts } from "../lib/test/docker-daemon"
import { ended, onPath, type Ended } from "./images"

/** The paths of Docker's engine and client, if installed: `npm test` installs them from Debian. The engine needs root. */
const dockerd = process.getuid?.() === 0 ? onPath("dockerd") : undefined
const docker = onPath("docker")
export const dockerHere = Boolean(dockerd && docker)

export type Docker = {
  /** Runs the client with this engine and a separate configuration, and returns its output. */
  (...args: string[]): Promise<Ended>
  /** Passes a password to the client on stdin. */
  withInput(input: string, ...args: string[]): Promise<Ended>
  stop(): Promise<void>
}

/**
 * Starts an engine that stores everything in `folder` and creates no networks.
 * Null if it does not start, for example without access to control groups; the reason is printed.
 */
export async function startDocker(folder: string): Promise<Docker | null> {
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
      "none",
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
    removeWithMounts(folder)
  }

  const deadline = Date.now() + 60_000
  while (engine.exitCode === null && Date.now() < deadline) {
    if ((await run("version", "--format", "{{.Server.Version}}")).code === 0)
      return Object.assign(run, {
        stop,
        withInput: (input: string, ...args: string[]) => ended(docker!, args, options, input),
      })
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  console.log(`Docker's engine does not run here:\n${readFileSync(logFile, "utf8").slice(-2000)}`)
  await stop()
  return null
}
