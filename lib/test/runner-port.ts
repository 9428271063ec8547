import { Readable } from "node:stream"

import type { Hardware, Progress, RunnerOrders, RunnerPort, RunnerReport, RunOrder } from "@/lib/runner/port"
import type { InstanceSpec } from "@/lib/engines/engine"

/** A hub for tests: returns the given orders and records what it is told. */
export class RecordingPort implements RunnerPort {
  readonly reports: RunnerReport[] = []
  readonly heard: { instance: string; prediction: string; progress: Progress }[] = []
  readonly outputs: {
    instance: string
    prediction: string
    name: string
    content_type: string
    size: number
    start: string
  }[] = []
  setupLogs: Record<string, string> = {}
  inputs: Record<string, { name: string; content_type: string; content: string }> = {}
  /** Rejects all calls, like a hub that is unreachable. */
  away = false
  orders: RunnerOrders = { start: [], stop: [], run: [], cancel: [] }
  #wake: () => void = () => {}

  async hardware(): Promise<Hardware[]> {
    return [{ sku: "cpu-small", name: "CPU (Small)", cpus: 1, memory_mb: 2048, gpus: 0 }]
  }

  async report(report: RunnerReport): Promise<RunnerOrders> {
    if (this.away) throw new Error("The hub is away.")
    this.reports.push(report)
    const known = new Map(report.instances.map((instance) => [instance.id, instance]))
    this.orders.start = this.orders.start.filter(({ id }) => !known.has(id))
    this.orders.stop = this.orders.stop.filter(({ id }) => known.get(id) && known.get(id)!.state !== "gone")
    const run = this.orders.run.filter(({ instance }) => known.get(instance)?.state === "ready")
    return { ...this.orders, run }
  }

  onWake(listener: () => void) {
    this.#wake = listener
    return () => (this.#wake = () => {})
  }

  /** Adds orders. They repeat until a report shows that the runner knows of them. */
  order(orders: Partial<{ [Kind in keyof RunnerOrders]: RunnerOrders[Kind] }>) {
    for (const kind of ["start", "stop", "run", "cancel"] as const)
      this.orders[kind] = [...this.orders[kind], ...(orders[kind] ?? [])] as never
    this.#wake()
  }

  async progress(instance: string, prediction: string, progress: Progress) {
    if (this.away) throw new Error("The hub is away.")
    this.heard.push({ instance, prediction, progress: structuredClone(progress) })
    if (progress.returned) this.orders.run = this.orders.run.filter((order) => order.prediction.id !== prediction)
  }

  async setupLog(instance: string, said: string) {
    this.setupLogs[instance] = (this.setupLogs[instance] ?? "") + said
  }

  async openInput(_: string, __: string | null, file: string) {
    const found = this.inputs[file]
    if (!found) throw new Error("There is no such file.")
    const { content, ...rest } = found
    return { ...rest, size: Buffer.byteLength(content), body: Readable.from([Buffer.from(content)]) }
  }

  async putOutput(instance: string, prediction: string, file: { name: string; content_type: string }, body: Readable) {
    let size = 0
    let start = ""
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (start.length < 64) start = (start + chunk.toString("latin1")).slice(0, 64)
    }
    const number = this.outputs.push({ instance, prediction, ...file, size, start })
    return { url: `https://hub.test/files/${number}/${encodeURIComponent(file.name)}` }
  }

  /** The progress of one prediction, in order. */
  story = (prediction: string): Progress[] =>
    this.heard.filter((heard) => heard.prediction === prediction).map(({ progress }) => progress)

  state = (instance: string) => this.reports.at(-1)?.instances.find(({ id }) => id === instance)
}

let number = 0
const idOf = (letter: string) => `${letter}${String(++number).padStart(25, "0")}`

/** The spec of an instance, as a hub orders it. */
export const anInstance = (change: Partial<InstanceSpec> = {}): InstanceSpec => ({
  id: idOf("i"),
  image: "test",
  mode: "predict",
  env: {},
  hardware: "cpu-small",
  memory_mb: 512,
  cpus: 1,
  gpus: 0,
  egress: "none",
  setup_limit: 30,
  ...change,
})

/** A run order, as a hub gives it. */
export const aRun = (input: Record<string, unknown> = {}, change: Partial<RunOrder> = {}): RunOrder => ({
  id: idOf("p"),
  operation: "predict",
  input,
  files: {},
  created_at: "2026-11-21T08:02:34.000000Z",
  time_limit_ms: 60_000,
  ...change,
})

/** Waits until `ask` returns a truthy value and returns it. Throws after `limit` milliseconds. */
export async function until<T>(
  ask: () => T | undefined | null | false,
  what = "what was waited for",
  limit = 50_000,
): Promise<T> {
  for (const deadline = Date.now() + limit; Date.now() < deadline;) {
    const answer = ask()
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`It did not happen within ${limit / 1000} s: ${what}.`)
}
