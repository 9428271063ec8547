import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"

import { runFolders } from "@/lib/engines/folders"
import { processEngine } from "@/lib/engines/process"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import type { InstanceSpec } from "@/lib/engines/engine"
import type { RunOrder } from "./port"
import { startRunner, type Runner } from "./runner"

// The runner with the process engine and a real model server in its own process; only the hub is a fake.

const model = resolve("lib/test/cog-model.mjs")

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** Where a link leads; undefined if it is gone. */
function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

/** Whether a process of the group of `pid` exists. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0)
  } catch {
    return false
  }
}

/** A fake hub, and a runner with the process engine in its own folder. */
function aWorld() {
  const folder = mkdtempSync(join(tmpdir(), "us-"))
  const port = new RecordingPort()
  let runner: Runner | undefined
  const folders = runFolders(folder)

  async function start() {
    const engine = processEngine({
      folders,
      entry: (name) => (name === "test" ? { file: model, nodeArgs: [], readPaths: [model] } : null),
    })
    const machine = { memory_mb: 8192, cpus: 4, gpus: [] }
    runner = startRunner({ id: "own", port, engines: [engine], machine, folder: folders.state })
    await runner.ready
  }
  /** Orders an instance, and returns its ID. */
  function order(change: Partial<InstanceSpec> = {}) {
    const spec = anInstance(change)
    port.order({ start: [{ ...spec, engine: "process" }] })
    return spec.id
  }
  const all = () => port.reports.flatMap(({ instances }) => instances)

  return {
    port,
    folders,
    start,
    close: () => runner!.close(),
    order,
    async ready(change: Partial<InstanceSpec> = {}) {
      const id = order(change)
      await until(() => port.state(id)?.state === "ready", "the instance is ready")
      return id
    },
    /** Orders a prediction, and returns its ID. */
    run(instance: string, input: Record<string, unknown>, change: Partial<RunOrder> = {}) {
      const prediction = aRun(input, change)
      port.order({ run: [{ instance, prediction }] })
      return prediction.id
    },
    processing: (prediction: string) => until(() => port.story(prediction).length > 0, "it is processing"),
    end: (prediction: string, limit?: number) =>
      until(
        () => port.story(prediction).find(({ completed_at, returned }) => completed_at || returned),
        "the end",
        limit,
      ),
    gone: (instance: string) =>
      until(() => all().find(({ id, state }) => id === instance && state === "gone"), "the instance is gone", 30_000),
    async leave() {
      port.away = false
      port.order({ stop: [...new Set(all().map(({ id }) => id))].map((id) => ({ id, grace_ms: 0 })) })
      await until(() => port.reports.at(-1)?.instances.length === 0, "every instance stopped").catch(() => {})
      await runner?.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
type World = ReturnType<typeof aWorld>

const inWorld = (work: (world: World) => Promise<void>) => async () => {
  const world = aWorld()
  try {
    await world.start()
    await work(world)
  } finally {
    await world.leave()
  }
}

test.concurrent(
  "an instance that is ordered is set up, shows its log, runs what it is given, and is stopped",
  inWorld(async ({ port, folders, ready, end }) => {
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
    expect(port.reports.flatMap(({ instances }) => instances).at(-1)).toMatchObject({
      state: "gone",
      reason: "stopped",
    })
    expect(existsSync(join(folders.sockets, instance))).toBe(false)
  }),
)

test.concurrent(
  "a list that grows is told as it grows, and never gets shorter",
  inWorld(async ({ port, ready, run, end }) => {
    const prediction = run(await ready(), { do: "stream", words: ["one", " two", " three"], pause: 60 })
    expect(await end(prediction)).toMatchObject({ status: "succeeded", output: ["one", " two", " three"] })
    const lengths = port.story(prediction).map(({ output }) => (output as string[] | undefined)?.length ?? 0)
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
    expect(new Set(lengths)).toEqual(new Set([0, 1, 2, 3]))
  }),
)

test.concurrent(
  "a failure says why, whether the model says it or dies of it",
  inWorld(async ({ ready, run, end, gone }) => {
    const instance = await ready()
    expect(await end(run(instance, { do: "fail" }))).toMatchObject({ status: "failed", error: "this went wrong" })
    const dies = run(instance, { do: "die" })
    expect(await end(dies)).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: its instance ended. The model's process ended by itself (exit code 3).",
    })
    expect(await gone(instance)).toMatchObject({ reason: "exit" })
  }),
)

test.concurrent(
  "a prediction that the model server forgot is not waited for",
  inWorld(async ({ ready, run, end }) => {
    expect(await end(run(await ready(), { do: "forget" }))).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: the model server is idle and has not said how it ended.",
    })
  }),
)

test.concurrent(
  "output files are kept as they come, input files are read by their own names",
  inWorld(async ({ port, ready, run, end }) => {
    const instance = await ready()
    expect(await end(run(instance, { do: "file", name: "my picture.png", size: 3_000_000 }))).toMatchObject({
      status: "succeeded",
      output: "https://hub.test/files/1/my%20picture.png",
    })
    expect(port.outputs[0]).toMatchObject({ content_type: "image/png", size: 3_000_000 })

    expect(await end(run(instance, { do: "inline", size: 5_000_000 }))).toMatchObject({
      status: "succeeded",
      output: { weights: "https://hub.test/files/2/weights.tar", size: 5_000_000 },
    })
    expect(port.outputs[1]).toMatchObject({ content_type: "application/x-tar", size: 5_000_000 })

    port.inputs["file:1"] = { name: "ein Bild ✓.jpg", content_type: "image/jpeg", content: "pixels" }
    const files = { "file:1": { name: "ein Bild ✓.jpg", content_type: "image/jpeg", size: 6 } }
    expect(await end(run(instance, { do: "read", file: "file:1" }, { files }))).toMatchObject({
      output: { status: 200, type: "image/jpeg", body: "pixels", name: encodeURIComponent("ein Bild ✓.jpg") },
    })
  }),
)

test.concurrent(
  "a model with weights of its own reads them where COG_WEIGHTS says",
  inWorld(async ({ port, ready, run, end }) => {
    port.inputs["weights:7"] = { name: "lora.tar", content_type: "application/x-tar", content: "tuned" }
    port.inputs["weights:8"] = { name: "other.tar", content_type: "application/x-tar", content: "of another" }
    const instance = await ready({ weights: { file: "weights:7", name: "lora.tar" } })
    const output = { status: 200, name: "lora.tar", body: "tuned" }
    expect(await end(run(instance, { do: "weights" }))).toMatchObject({ status: "succeeded", output })
    const file = "http://127.0.0.1:9000/weights/weights%3A8/other.tar"
    expect(await end(run(instance, { do: "read", file }))).toMatchObject({ output: { status: 404 } })
  }),
)

test(
  "a file of a gigabyte is carried without being held",
  inWorld(async ({ port, ready, run, end }) => {
    const instance = await ready()
    // A small one first, so that one-time allocations are not attributed to the large one.
    await end(run(instance, { do: "large", mb: 16 }))
    // What counts is memory after garbage collection. The limit of resident pages is wider, because the allocator
    // returns them when it likes.
    const measure = () => {
      collectGarbage()
      const { heapUsed, external, rss } = process.memoryUsage()
      return { held: heapUsed + external, rss }
    }
    const before = measure()
    const most = { ...before }
    const watching = setInterval(() => {
      const now = measure()
      most.held = Math.max(most.held, now.held)
      most.rss = Math.max(most.rss, now.rss)
    }, 500)
    expect(await end(run(instance, { do: "large", mb: 1024 }, { time_limit_ms: 300_000 }), 300_000)).toMatchObject({
      status: "succeeded",
      output: "https://hub.test/files/2/large.bin",
    })
    clearInterval(watching)
    expect(port.outputs[1]).toMatchObject({ size: 2 ** 30 })
    expect(most.held - before.held).toBeLessThan(64 * 2 ** 20)
    expect(most.rss - before.rss).toBeLessThan(256 * 2 ** 20)
  }),
  360_000,
)

test.concurrent(
  "a prediction that is cancelled ends at once where the model obeys",
  inWorld(async ({ port, ready, run, processing, end }) => {
    const instance = await ready()
    const prediction = run(instance, { do: "wait" })
    await processing(prediction)
    port.order({ cancel: [{ instance, prediction }] })
    expect(await end(prediction)).toMatchObject({ status: "canceled", error: null })
    expect(await end(run(instance, {}))).toMatchObject({ status: "succeeded" })
  }),
)

test.concurrent(
  "a prediction that is cancelled ends within ten seconds where the model does not obey, and its instance with it",
  inWorld(async ({ port, folders, ready, run, processing, end, gone }) => {
    const instance = await ready()
    const { pid } = JSON.parse(readFileSync(join(folders.state, "process", instance, "process.json"), "utf8"))
    const prediction = run(instance, { do: "deaf" })
    await processing(prediction)
    const asked = Date.now()
    port.order({ cancel: [{ instance, prediction }] })
    await until(() => !isAlive(pid), "its process has ended")
    // Ten seconds, and some for a busy machine.
    expect(Date.now() - asked).toBeLessThan(20_000)
    expect(await end(prediction)).toMatchObject({ status: "canceled" })
    expect(await gone(instance)).toMatchObject({ reason: "stopped" })
  }),
)

test.concurrent(
  "what else runs on the instance of a prediction that cannot be cancelled is interrupted, and says so",
  inWorld(async ({ port, ready, run, processing, end }) => {
    const instance = await ready({ env: { COG_MAX_CONCURRENCY: "2" } })
    const deaf = run(instance, { do: "deaf" })
    const neighbour = run(instance, { do: "wait" })
    for (const prediction of [deaf, neighbour]) await processing(prediction)
    port.order({ cancel: [{ instance, prediction: deaf }] })
    expect(await end(deaf)).toMatchObject({ status: "canceled" })
    expect(await end(neighbour)).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: its instance was stopped.",
    })
  }),
)

test.concurrent(
  "a prediction that takes longer than it may is cancelled, and says so",
  inWorld(async ({ ready, run, end }) => {
    const prediction = run(await ready(), { do: "wait" }, { time_limit_ms: 1_000 })
    expect(await end(prediction)).toMatchObject({
      status: "canceled",
      error: "The time limit of 1 second was reached.",
    })
  }),
)

test.concurrent(
  "a server without a free slot gives the prediction back, and several slots take several",
  inWorld(async ({ port, ready, run, processing, end }) => {
    const one = await ready()
    const first = run(one, { do: "wait", seconds: 3 })
    await processing(first)
    const second = run(one, {})
    expect(await until(() => port.story(second)[0], "it is given back")).toEqual({
      status: "processing",
      returned: true,
    })
    const two = await ready({ slots: 2 })
    expect(port.state(two)).toMatchObject({ slots: 2 })
    const both = [run(two, { do: "wait", seconds: 1 }), run(two, { do: "wait", seconds: 1 })]
    for (const prediction of both)
      expect(await end(prediction)).toMatchObject({ status: "succeeded", output: "waited" })
  }),
)

test.concurrent(
  "a set-up that fails, takes too long, or has no model says which",
  inWorld(async ({ gone, order }) => {
    expect(await gone(order({ env: { SET_UP: "fail" } }))).toMatchObject({
      reason: "setup",
      detail: "setting up\nno weights here\n",
    })
    expect(await gone(order({ env: { SET_UP: "60000" }, setup_limit: 1 }))).toMatchObject({
      reason: "setup_limit",
      detail: "The set-up took longer than 1 seconds.\nsetting up\n",
    })
    expect(await gone(order({ image: "nothing" }))).toMatchObject({
      reason: "image",
      detail: "There is no bundled model nothing.",
    })
  }),
)

test.concurrent(
  "a log that has grown too large is emptied, and not kept open",
  inWorld(async ({ folders, ready }) => {
    const log = join(folders.state, "process", await ready(), "log")
    truncateSync(log, 65 * 2 ** 20)
    await until(() => statSync(log).size < 1000, "it is emptied")
    const isOpen = () => readdirSync("/proc/self/fd").some((fd) => linkOf(`/proc/self/fd/${fd}`) === log)
    await until(() => !isOpen(), "it is closed", 1000)
  }),
)

test.concurrent(
  "an instance whose state cannot be kept ends before its start, and is looked after if it has started",
  inWorld(async ({ folders, port, order, run, end, gone }) => {
    const stateOf = (id: string) => join(folders.state, "instances", id)
    const blocked = "b".repeat(26)
    writeFileSync(stateOf(blocked), "")
    expect(await gone(order({ id: blocked }))).toMatchObject({ reason: "exit" })

    const instance = order({ env: { SET_UP: "1000" } })
    await until(() => port.state(instance)?.state === "setting_up", "it is set up")
    rmSync(join(stateOf(instance), "instance.json"))
    mkdirSync(join(stateOf(instance), "instance.json"))
    await until(() => port.state(instance)?.state === "ready", "the instance is ready")
    expect(await end(run(instance, { do: "forget" }))).toMatchObject({ status: "failed" })
  }),
)

test.concurrent(
  "a model that takes more memory than its hardware has is ended, and that is said",
  inWorld(async ({ ready, run, end, gone }) => {
    const instance = await ready({ memory_mb: 300 })
    expect(await end(run(instance, { do: "hog" }))).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: the model ran out of memory.",
    })
    expect(await gone(instance)).toMatchObject({ reason: "oom" })
  }),
)

test.concurrent(
  "what a prediction became is told until the hub hears it, and once",
  inWorld(async ({ port, ready, run, processing, end }) => {
    const instance = await ready()
    const prediction = run(instance, { do: "wait", seconds: 1 })
    await processing(prediction)
    port.away = true
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(port.story(prediction).some(({ completed_at }) => completed_at)).toBe(false)
    port.away = false
    expect(await end(prediction)).toMatchObject({ status: "succeeded", output: "waited" })
    await until(() => port.state(instance)?.running.length === 0, "it is not named any more")
    expect(port.story(prediction).filter(({ completed_at }) => completed_at)).toHaveLength(1)
  }),
)

test.concurrent(
  "a runner that starts anew finds its instances, and what they finish meanwhile",
  inWorld(async ({ port, start, close, ready, run, processing, end, gone }) => {
    const [busy, idle] = [await ready(), await ready()]
    const long = run(busy, { do: "wait", seconds: 6 })
    await processing(long)
    await close()
    await start()
    expect(port.reports.at(-1)!.instances).toMatchObject([{ id: busy, state: "ready", running: [long] }])
    expect(await gone(idle)).toMatchObject({ reason: "stopped" })
    expect(await end(long)).toMatchObject({ status: "succeeded", output: "waited" })

    const short = run(busy, { do: "wait", seconds: 1 })
    await processing(short)
    await close()
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    await start()
    expect(await end(short)).toMatchObject({ status: "succeeded", output: "waited" })
    expect(port.reports.map(({ boot }) => boot).filter((boot, at, all) => all.indexOf(boot) === at)).toHaveLength(3)
  }),
  90_000,
)

test.concurrent(
  "an instance that ended while nobody looked is gone, and what it ran is interrupted",
  inWorld(async ({ folders, start, close, ready, run, processing, end, gone }) => {
    const instance = await ready()
    const prediction = run(instance, { do: "wait" })
    await processing(prediction)
    await close()
    const { pid } = JSON.parse(readFileSync(join(folders.state, "process", instance, "process.json"), "utf8"))
    process.kill(-pid, "SIGKILL")
    await start()
    expect(await end(prediction)).toMatchObject({
      status: "failed",
      error: expect.stringContaining("Prediction interrupted: its instance ended."),
    })
    expect(await gone(instance)).toMatchObject({ reason: "exit" })
  }),
)

test.concurrent(
  "nothing of an instance lives on of which only the outermost process was killed",
  inWorld(async ({ folders, start, close, ready, run, processing, gone }) => {
    const outermost = (instance: string): number =>
      JSON.parse(readFileSync(join(folders.state, "process", instance, "process.json"), "utf8")).pid
    const [watched, unwatched] = [await ready(), await ready()]
    for (const instance of [watched, unwatched]) await processing(run(instance, { do: "deaf" }))
    const [first, second] = [outermost(watched), outermost(unwatched)]
    process.kill(first, "SIGKILL")
    expect(await gone(watched)).toMatchObject({ reason: "exit" })
    expect(() => process.kill(-first, 0)).toThrow("ESRCH")

    await close()
    process.kill(second, "SIGKILL")
    await start()
    expect(await gone(unwatched)).toMatchObject({ reason: "exit" })
    expect(() => process.kill(-second, 0)).toThrow("ESRCH")
  }),
)

test.concurrent(
  "a model sees nothing of the server, of its machine and of the network",
  inWorld(async ({ ready, run, end }) => {
    process.env.A_SECRET = "of the server"
    const { output } = (await end(run(await ready({ env: { GREETING: "hello" } }), { do: "environment" }))) as {
      output: Record<string, any>
    }
    expect(Object.keys(output.env).toSorted()).toEqual(
      "CALLBACK_ORIGIN CALLBACK_SOCKET COG_SETUP_TIMEOUT COG_THROTTLE_RESPONSE_INTERVAL GREETING HOME SILENCE_LIMIT TMPDIR"
        .split(" ")
        .concat(output.env.PWD ? ["PWD"] : [])
        .toSorted(),
    )
    expect(output).toMatchObject({ passwd: "ERR_ACCESS_DENIED", neighbour: "ERR_ACCESS_DENIED" })
    if (process.getuid!() === 0) expect(output.uid).toBe(65534)
    if (!onPath("bwrap")) return
    expect(output).toMatchObject({ cwd: "/empty", internet: "ENETUNREACH", host: "ECONNREFUSED" })
  }),
)
const onPath = (program: string) => process.env.PATH!.split(":").some((folder) => existsSync(join(folder, program)))
