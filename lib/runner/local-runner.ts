import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

import { env } from "@/env"
import { dockerEngine, dockerFolder, dockerSockets, findDockerSocket } from "@/lib/engines/docker"
import type { Engine } from "@/lib/engines/engine"
import { removeAbandonedFolders, runFolders, type RunFolders } from "@/lib/engines/folders"
import { processEngine, type Entry } from "@/lib/engines/process"
import { log } from "@/lib/log"
import { thisMachine } from "./capacity"
import type { RunnerPort } from "./port"
import { startRunner, type Runner } from "./runner"

export type OwnRunnerOptions = {
  /** The ID of the server's own runner. */
  id: string
  port: RunnerPort
  /** Where the program of a bundled model is. */
  bundledEntry(name: string): Entry | null
}

const day = 24 * 3600_000

/** The engines the operator selected that work on this machine. */
async function ownEngines(
  folders: RunFolders,
  bundledEntry: OwnRunnerOptions["bundledEntry"],
  gpus: string[] = [],
): Promise<Engine[]> {
  const engines: Engine[] = []
  if (env.RUN_ENGINE === "off") return engines
  if (env.RUN_ENGINE !== "docker") engines.push(processEngine({ folders, entry: bundledEntry }))
  // An engine that was named or used before may be away for a while, with its socket.
  const expected = env.RUN_ENGINE === "docker" || process.env.DOCKER_HOST || existsSync(dockerFolder(folders))
  const socket = (await findDockerSocket()) ?? (expected ? (dockerSockets()[0] ?? null) : null)
  if (env.RUN_ENGINE !== "process" && socket)
    engines.push(
      dockerEngine({
        folders,
        socket,
        images: { bytes: env.RUN_IMAGES_GB * 1e9, ms: env.RUN_IMAGES_DAYS * day },
        gpus,
      }),
    )
  return engines
}

/** Starts the runner inside the server process; null when RUN_ENGINE is off. */
export async function startOwnRunner({ id, port, bundledEntry }: OwnRunnerOptions): Promise<Runner | null> {
  if (env.RUN_ENGINE === "off") return null
  const folders = runFolders(resolve(env.DATA_DIR))
  removeAbandonedFolders().catch((error) => log("warn", "old folders for sockets could not be removed", { error }))
  const machine = thisMachine({ memory_gb: env.RUN_MEMORY, cpus: env.RUN_CPUS })
  const engines = await ownEngines(folders, bundledEntry, machine.gpus)
  for (const engine of engines) void tellWhatIsMissing(engine)
  return startRunner({
    id,
    port,
    engines,
    machine,
    folder: folders.state,
  })
}

async function tellWhatIsMissing(engine: Engine) {
  const failure = await engine.check()
  if (failure) return log("warn", "an engine cannot be used", { engine: engine.name, failure })
  for (const sentence of await engine.missing())
    log("warn", "models are not fully isolated", { engine: engine.name, missing: sentence })
}

/** Probes each engine, and cleans up. */
export async function inspectEngines(): Promise<{ engine: string; failure: string | null; missing: string[] }[]> {
  const folder = mkdtempSync(join(tmpdir(), "understudy-try-"))
  const engines = await ownEngines(runFolders(folder), () => null)
  try {
    return await Promise.all(
      engines.map(async (engine) => {
        const failure = await engine.check()
        return { engine: engine.name, failure, missing: failure ? [] : await engine.missing() }
      }),
    )
  } finally {
    await Promise.all(engines.map((engine) => engine.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}
