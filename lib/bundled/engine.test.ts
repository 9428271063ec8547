import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"

import { runFolders } from "@/lib/engines/folders"
import { processEngine } from "@/lib/engines/process"
import type { InstanceSpec } from "@/lib/engines/engine"
import { startRunner, type Runner } from "@/lib/runner/runner"
import { drawnText } from "@/lib/test/drawn"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import type { RunOrder } from "@/lib/runner/port"
import { bundledEntry, catalogue } from "./catalogue"

// Bundles as in production: started by the runner with the process engine, in the full sandbox of this machine.

let folder: string
let port: RecordingPort
let runner: Runner | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "us-"))
  port = new RecordingPort()
})
afterEach(async () => {
  const ids = new Set(port.reports.flatMap(({ instances }) => instances.map(({ id }) => id)))
  port.order({ stop: [...ids].map((id) => ({ id, grace_ms: 0 })) })
  await until(() => port.reports.at(-1)?.instances.length === 0, "every instance stopped").catch(() => {})
  await runner?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The result of one run on a fresh instance. */
async function run(image: string, order: Partial<RunOrder>, change: Partial<InstanceSpec> = {}, entry = bundledEntry) {
  const folders = runFolders(folder)
  const engines = [processEngine({ folders, entry })]
  const machine = { memory_mb: 8192, cpus: 4, gpus: [] }
  runner = startRunner({ id: "own", port, engines, machine, folder: folders.state })
  await runner.ready
  const instance = anInstance({ image, memory_mb: 2048, ...change })
  port.order({ start: [{ ...instance, engine: "process" }] })
  await until(() => ["ready", "gone"].includes(port.state(instance.id)?.state ?? ""), "the instance is ready")
  expect(port.state(instance.id), port.setupLogs[instance.id]).toMatchObject({ state: "ready", cog_version: "0.16.12" })
  const prediction = aRun({}, order)
  port.order({ run: [{ instance: instance.id, prediction }] })
  return until(() => port.story(prediction.id).find(({ completed_at }) => completed_at), "the end")
}

const csv = readFileSync("lib/test/examples/tickets.csv", "utf8")

const runs: [name: string, input: () => Promise<Record<string, unknown>>, output: unknown][] = [
  ["echo", async () => ({ text: "one two" }), ["one", " two"]],
  ["speak", async () => ({ text: "Good evening." }), "https://hub.test/files/1/speech.wav"],
  [
    "detect-language",
    async () => ({ text: "Guten Abend allerseits." }),
    { language: "de", probability: expect.any(Number) },
  ],
  [
    "read-text",
    async () => ({ image: await drawnText(["Good evening"]) }),
    { text: "Good evening", boxes: expect.any(Array) },
  ],
  [
    "classify-text",
    async () => ({ text: "What a wonderful evening!" }),
    { label: "positive", scores: expect.any(Object) },
  ],
]

test.each(runs)("%s runs within the fences", async (name, input, output) => {
  expect(runs.map(([name]) => name)).toEqual(catalogue.filter(({ included }) => included).map(({ name }) => name))
  expect(await run(name, { input: await input() })).toMatchObject({ status: "succeeded", error: null, output })
  if (name === "speak")
    expect(port.outputs[0]).toMatchObject({ content_type: "audio/wav", start: expect.stringMatching(/^RIFF/) })
})

test("a model runs where there is no bubblewrap, as in a container, and gets nothing of our environment", async () => {
  const path = process.env.PATH
  process.env.PATH = folder
  process.env.A_SECRET = "of the server"
  try {
    expect(await run("speak", { input: { text: "Good evening." } })).toMatchObject({
      status: "succeeded",
      output: "https://hub.test/files/1/speech.wav",
    })
  } finally {
    process.env.PATH = path
  }
  const [{ id }] = port.reports.at(-1)!.instances as unknown as [{ id: string }]
  const model = readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && readCommand(pid).includes(`${id}/model.sock`))
  const environment = readFileSync(`/proc/${model}/environ`, "utf8")
  expect(environment).toContain("CALLBACK_SOCKET=")
  expect(environment).not.toContain("A_SECRET")
})

const readCommand = (pid: string) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return ""
  }
}

test("a training runs within the fences, and its weights go through the runner", async () => {
  port.inputs["tickets"] = { name: "tickets.csv", content_type: "text/csv", content: csv }
  const files = { tickets: { name: "tickets.csv", content_type: "text/csv", size: csv.length } }
  const input = { examples: "tickets", epochs: 5 }
  const end = await run("classify-text", { operation: "train", input, files }, { mode: "train" })
  expect(end).toMatchObject({ status: "succeeded", output: { weights: "https://hub.test/files/1/weights.bin" } })
  expect(end.logs).toMatch(/^epoch 5\/5 loss=/m)
  expect(port.outputs[0]!.size).toBeGreaterThan(100_000)
})

test("a bundle in a data folder that is for its owner alone runs as well", async () => {
  const hidden = join(folder, "data")
  mkdirSync(hidden, { mode: 0o700 })
  cpSync(".models/echo", join(hidden, "echo"), { recursive: true })
  const entry = () => ({ file: join(hidden, "echo/model.cjs"), nodeArgs: [], readPaths: [join(hidden, "echo")] })
  expect(await run("echo", { input: { text: "hidden" } }, {}, entry)).toMatchObject({
    status: "succeeded",
    output: ["hidden"],
  })
})
