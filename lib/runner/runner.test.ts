import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"

import { runFolders } from "@/lib/engines/folders"
import { processEngine } from "@/lib/engines/process"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import type { InstanceSpec } from "@/lib/engines/engine"
import { startRunner, type Runner } from "./runner"

// The runner with the process engine and a real model server in a process of its own; only the hub is played.

const model = resolve("lib/test/cog-model.mjs")
let folder: string
let port: RecordingPort
let runner: Runner | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "us-"))
  port = new RecordingPort()
})
afterEach(async () => {
  port.away = false
  const ids = new Set(port.reports.flatMap(({ instances }) => instances.map(({ id }) => id)))
  port.order({ stop: [...ids].map((id) => ({ id, grace_ms: 0 })) })
  await until(() => port.reports.at(-1)?.instances.length === 0, "every instance stopped").catch(() => {})
  await runner?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start() {
  const folders = runFolders(folder)
  const engine = processEngine({
    folders,
    entry: (name) => (name === "test" ? { file: model, nodeArgs: [], readPaths: [model] } : null),
  })
  runner = startRunner({
    id: "own",
    port,
    engines: [engine],
    machine: { memory_mb: 8192, cpus: 4, gpus: [] },
    folder: folders.state,
  })
  await runner.ready
}

async function ready(change: Partial<InstanceSpec> = {}) {
  const spec = anInstance(change)
  port.order({ start: [{ ...spec, engine: "process" }] })
  await until(() => port.state(spec.id)?.state === "ready", "the instance is ready")
  return spec.id
}

const end = (prediction: string) =>
  until(() => port.story(prediction).find(({ completed_at, returned }) => completed_at || returned), "the end")

test("an instance that is ordered is set up, shows its log, runs what it is given, and is stopped", async () => {
  await start()
  expect(port.reports[0]).toMatchObject({
    runner: "own",
    engines: ["process"],
    capacity: [{ sku: "cpu-small", total: 4, free: 4 }],
  })
  const instance = await ready()
  expect(port.state(instance)).toMatchObject({ cog_version: "test", slots: 1, running: [] })
  expect(port.reports.at(-1)!.capacity).toEqual([{ sku: "cpu-small", total: 4, free: 3 }])
  await until(() => port.setupLogs[instance] === "setting up\nset up\n", "the set-up's log")

  const prediction = aRun({ text: "good day" })
  port.order({ run: [{ instance, prediction }] })
  expect(await end(prediction.id)).toMatchObject({
    status: "succeeded",
    output: "good day",
    logs: "said good day\n",
    error: null,
    metrics: { predict_time: expect.any(Number) },
  })
  expect(port.story(prediction.id)[0]).toMatchObject({ status: "processing", started_at: expect.any(String) })

  port.order({ stop: [{ id: instance, grace_ms: 5_000 }] })
  await until(() => port.reports.at(-1)!.instances.length === 0, "it is gone")
  expect(port.reports.flatMap(({ instances }) => instances).at(-1)).toMatchObject({ state: "gone", reason: "stopped" })
  expect(existsSync(join(runFolders(folder).sockets, instance))).toBe(false)
})
