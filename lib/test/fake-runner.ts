import { hubPort } from "@/lib/hub/hub"
import { hub } from "@/lib/hub/state"
import { newId } from "@/lib/id"
import type { InstanceReport, Progress, RunOrder, RunnerOrders } from "@/lib/runner/port"

type Played = { report: InstanceReport; runs: Map<string, RunOrder> }

/** A runner that is controlled by a test, to see what the hub orders. It starts nothing. */
export class FakeRunner {
  readonly instances = new Map<string, Played>()
  boot = newId()
  orders: RunnerOrders = { start: [], stop: [], run: [], cancel: [] }
  /** All run orders so far. */
  readonly handed: { instance: string; prediction: RunOrder }[] = []

  constructor(
    readonly id = newId(),
    private readonly offer: { sku: string; total: number }[] = [{ sku: "cpu-small", total: 10 }],
    private readonly engines: ("process" | "docker")[] = ["process"],
  ) {}

  /** Sends a report and accepts the orders in the response. */
  async report(): Promise<RunnerOrders> {
    const used = [...this.instances.values()].filter(({ report }) => report.state !== "gone").length
    const orders = await hubPort.report({
      runner: this.id,
      boot: this.boot,
      engines: this.engines,
      architecture: "amd64",
      capacity: this.offer.map(({ sku, total }) => ({ sku, total, free: Math.max(0, total - used) })),
      instances: [...this.instances.values()].map(({ report, runs }) => ({ ...report, running: [...runs.keys()] })),
    })
    for (const [id, { report, runs }] of this.instances)
      if (report.state === "gone" && runs.size === 0) this.instances.delete(id)
    for (const { id } of orders.start)
      if (!this.instances.has(id))
        this.instances.set(id, { report: { id, state: "booting", running: [] }, runs: new Map() })
    for (const { id } of orders.stop) this.end(id, "stopped")
    for (const order of orders.run) {
      const instance = this.instances.get(order.instance)
      if (!instance || instance.runs.has(order.prediction.id)) continue
      instance.runs.set(order.prediction.id, order.prediction)
      this.handed.push(order)
    }
    for (const { instance, prediction } of orders.cancel) this.instances.get(instance)?.runs.delete(prediction)
    return (this.orders = orders)
  }

  /** Reports until there are no new orders: not every report triggers a decision. */
  async settle(): Promise<void> {
    for (let n = 0; n < 6; n++) {
      for (const one of hub().runners.values()) one.decidedAt = -Infinity
      await this.report()
    }
  }

  /** Makes all booting instances ready and reports them. */
  async makeReady(slots = 1): Promise<void> {
    for (const { report } of this.instances.values())
      if (report.state === "booting" || report.state === "setting_up")
        Object.assign(report, { state: "ready", slots, cog_version: "0.16.12" })
    await this.report()
  }

  /** The runs of all instances, with their instances. */
  get running(): { instance: string; id: string }[] {
    return [...this.instances].flatMap(([instance, { runs }]) => [...runs.keys()].map((id) => ({ instance, id })))
  }

  async tell(id: string, progress: Progress, instance?: string): Promise<void> {
    const where = instance ?? this.running.find((run) => run.id === id)?.instance
    await hubPort.progress(where!, id, progress)
    if (progress.status !== "processing" || progress.returned) this.instances.get(where!)?.runs.delete(id)
  }

  finish = (id: string, output: unknown = "done"): Promise<void> => this.tell(id, { status: "succeeded", output })

  /** Ends an instance and drops its runs. */
  end(id: string, reason: NonNullable<InstanceReport["reason"]>, detail?: string) {
    const instance = this.instances.get(id)
    if (!instance) return
    instance.runs.clear()
    Object.assign(instance.report, { state: "gone", reason, ...(detail && { detail }) })
  }
}
