import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"

import { bundledEntry } from "@/lib/bundled/catalogue"
import type { Engine } from "@/lib/engines/engine"
import { runFolders } from "@/lib/engines/folders"
import { processEngine } from "@/lib/engines/process"
import { deploymentsJob } from "@/lib/deployments/rollout"
import { hubJobs, hubPort, startHub } from "@/lib/hub/hub"
import type { Model } from "@/lib/models/model"
import type { Actor } from "@/lib/auth/actor"
import { newId } from "@/lib/id"
import { startJobs, type Running } from "@/lib/jobs/job"
import type { RunnerPort } from "@/lib/runner/port"
import { startRunner, type Runner } from "@/lib/runner/runner"
import { publishBundledVersion, type Version } from "@/lib/versions/version"
import { aModel } from "./factories"

const testModel = path.resolve("lib/test/cog-model.mjs")

/**
 * Starts a hub with a runner that starts real processes: `test` is lib/test/cog-model.mjs, other names are bundled
 * models. `restart` restarts both, like a restart of the server.
 */
export async function aRunningHub({
  cpus = 4,
  port = hubPort,
  engines,
}: {
  cpus?: number
  port?: RunnerPort
  /** Default: the process engine. */
  engines?: Engine[]
} = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "us-"))
  const id = newId()
  let runner: Runner
  let stopHub: () => Promise<void>
  let jobs: Running

  async function start() {
    stopHub = startHub()
    const folders = runFolders(folder)
    const entry = (name: string) =>
      name === "test" ? { file: testModel, nodeArgs: [], readPaths: [testModel] } : bundledEntry(name)
    runner = startRunner({
      id,
      port,
      engines: engines ?? [processEngine({ folders, entry })],
      machine: { memory_mb: cpus * 2048, cpus, gpus: [] },
      folder: folders.state,
    })
    await runner.ready
    jobs = startJobs([...hubJobs, deploymentsJob])
  }
  async function stop() {
    await jobs.stop()
    await runner.close()
    await stopHub()
    forget()
  }
  await start()
  return {
    id,
    restart: async () => {
      await stop()
      await start()
    },
    stop,
    start,
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Clears the in-memory state, as in a new process. */
export function forget() {
  for (const name of [
    "hub",
    "hub.unwritten",
    "predictions",
    "predictions.counts",
    "pools.waiting",
    "trainings.storing",
  ])
    delete (globalThis as Record<symbol, unknown>)[Symbol.for(`understudy.${name}`)]
}

const anything = {
  openapi: "3.0.2",
  components: { schemas: { Input: { type: "object", additionalProperties: true, properties: {} }, Output: {} } },
}

/** Creates a version that runs as lib/test/cog-model.mjs, with a schema that by default accepts any input. */
export async function aTestModel(
  actor: Actor,
  {
    visibility = "public",
    openapi_schema = anything,
    bundled = "test",
    hardware = "cpu-small",
    model: existing,
  }: {
    visibility?: "public" | "private"
    openapi_schema?: Record<string, unknown>
    bundled?: string
    hardware?: string
    /** An existing model that gets another version. */
    model?: Model
  } = {},
): Promise<{ model: Model; version: Version; name: string }> {
  const model = existing ?? (await aModel(actor, { hardware, visibility }))
  const version = await publishBundledVersion(
    actor,
    model,
    {
      id: `${newId()}${newId()}`
        .replace(/[^0-9a-f]/g, "0")
        .padEnd(64, "0")
        .slice(0, 64),
      openapi_schema: JSON.stringify(openapi_schema),
      cog_version: "0.16.12",
    },
    bundled,
  )
  return { model, version, name: `${model.owner}/${model.name}` }
}
