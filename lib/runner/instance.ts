import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { LRUCache } from "lru-cache"

import { replaceFileSync } from "@/db/atomic-file"
import { makeFolderSync } from "@/db/data-folder"
import { EngineFailure, type Engine, type EngineEvent, type InstanceSpec } from "@/lib/engines/engine"
import { now } from "@/lib/clock"
import { log } from "@/lib/log"
import { Problem } from "@/lib/problem"
import { listenForCallbacks, weightsPath, type Callbacks, type Listener } from "./callbacks"
import { cogServer, type CogServer, type Health } from "./cog"
import { RunJournal } from "./journal"
import type { InstanceReport, RunnerPort, RunOrder } from "./port"
import { Run, type SavedRun } from "./run"
import { notNumbersError } from "./snapshot"
import { clean, missingEnd, Tail, withLines } from "./text"

/** The state of an instance on disk, without its secrets. */
export type SavedInstance = {
  spec: Omit<InstanceSpec, "pull" | "env">
  engine: Engine["name"]
  ready: boolean
  cog_version?: string
}

type Reason = NonNullable<InstanceReport["reason"]>

export type InstanceContext = {
  engine: Engine
  port: RunnerPort
  /** A folder for what must survive a restart. */
  folder: string
  /** Called after a change that the hub should hear of now. */
  changed(): void
  /** The number of reports started. */
  reports(): number
}

/** Error messages of failed name lookups and connections. */
const wantsNetwork =
  /name resolution|[Nn]ame or service not known|[Cc]ould not resolve|[Ff]ailed to resolve|getaddrinfo|\bE(AI_AGAIN|NOTFOUND|NETUNREACH)\b|NameResolutionError|Network is unreachable|no such host/
const noNetwork =
  "The model seems to need Internet access, which it does not have. Its owner can request it in the model's settings under Internet access (egress in the API), and an administrator can approve it (RUN_EGRESS). Or include the downloads in the image."

/** Milliseconds without a response after which the connection is checked; model servers are slow to start. */
const silenceMs = { setting_up: 5_000, ready: 2_000 }
/** How long a model server has to resend webhooks that failed while the connection was lost. */
const repeatMs = 15_000

/** More than can be in flight as orders, and few enough for an instance that runs for months. */
const mostRemembered = 1000

/** How much of the set-up log is sent to the hub. */
const setupLogLimit = 1024 * 1024

/** One instance, from its order to its end: starts it, polls its health, sends it predictions, and stops it. */
export class Instance {
  readonly id: string
  readonly runs = new Map<string, Run>()
  /** Recently finished predictions: an order for one of them is outdated. */
  readonly #past = new LRUCache<string, true>({ max: mostRemembered })
  /**
   * Returned predictions, each with the last report started before the return; orders in response to that or an earlier
   * one are outdated.
   */
  readonly #returned = new LRUCache<string, number>({ max: mostRemembered })
  #state: InstanceReport["state"] = "booting"
  #reason: Reason | undefined
  #detail: string | undefined
  #cogVersion: string | undefined
  #slots: number
  #listener: Listener | undefined
  #server: CogServer | undefined
  readonly #ended = new AbortController()
  readonly #setUp = new AbortController()
  readonly #log = new Tail(64 * 1024)
  /** The set-up log as the model's server gives it. */
  #setUpLog = ""
  readonly #journal: RunJournal
  #outOfMemory = false
  #nudge: (() => void) | undefined
  #stopping: Promise<void> | undefined
  #reconnecting: Promise<void> | undefined

  constructor(
    readonly spec: SavedInstance["spec"],
    private readonly context: InstanceContext,
  ) {
    this.id = spec.id
    this.#slots = spec.slots ?? 1
    this.#journal = new RunJournal(join(context.folder, "runs.jsonl"))
  }

  get engine() {
    return this.context.engine
  }

  get isGone() {
    return this.#state === "gone"
  }

  report(): InstanceReport {
    return {
      id: this.id,
      state: this.#state,
      ...(this.#reason && { reason: this.#reason }),
      ...(this.#detail && { detail: this.#detail }),
      ...(this.#cogVersion && { cog_version: this.#cogVersion }),
      ...(this.#state === "ready" && { slots: this.#slots }),
      running: [...this.runs.keys()],
    }
  }

  /** Starts the instance. */
  async boot(spec: InstanceSpec): Promise<void> {
    try {
      this.#saveSpec()
      await this.#listen()
      await this.engine.ensure({ ...spec, env: { ...spec.env, ...this.#weightsOf(spec) } })
    } catch (error) {
      const failure = error instanceof EngineFailure ? error : null
      // That an engine went away meanwhile is not the version's fault.
      const away = failure?.reason === "capacity" ? null : await this.engine.check()
      if (away) return this.#end("capacity", away)
      if (!failure) log("error", "an instance could not be started", { error, instance: this.id })
      return this.#end(failure?.reason ?? "exit", failure?.message ?? "The engine failed. See the server's log.")
    }
    if (this.#state === "booting") this.#become("setting_up")
    void this.#followLog()
    await this.#live()
  }

  /** Reattaches to an instance found after a restart. */
  async resume(saved: SavedInstance, isRunning: boolean, patienceMs: number): Promise<void> {
    this.#cogVersion = saved.cog_version
    this.#state = saved.ready ? "ready" : "setting_up"
    if (saved.ready) this.#setUp.abort()
    for (const run of this.#journal.read()) this.#addRun(run.order).resume(run, patienceMs)
    if (!isRunning) return this.#end("exit", "It was gone after a restart of its runner.")
    if (!saved.ready) void this.#followLog()
    await this.#listen()
    void this.#live()
  }

  /** Starts a prediction ordered in response to a report. A known prediction is a repeated order and ignored. */
  run(order: RunOrder, report: number): void {
    if (this.runs.has(order.id) || this.#past.has(order.id)) return
    if ((this.#returned.get(order.id) ?? -1) >= report) return
    this.#returned.delete(order.id)
    const { input, resume, ...rest } = order
    if (resume) return this.#addRun(rest).resume({ order: rest, started_at: now() }, 0)
    if (this.#state !== "ready" || this.#stopping) {
      void this.context.port.progress(this.id, order.id, { status: "processing", returned: true }).catch(() => {})
      return
    }
    this.#addRun(rest).start(input)
    this.#nudge?.()
  }

  cancel(prediction: string): void {
    this.runs.get(prediction)?.cancel()
  }

  /** Handles a change that the engine noticed. */
  noticed(event: EngineEvent): void {
    if (this.isGone || this.#stopping) return
    const isSettingUp = this.#state === "booting" || this.#state === "setting_up"
    if (event.reason === "oom") this.#outOfMemory = true
    if (event.state === "gone") void this.#endedItself(event, isSettingUp)
    if (event.state === "running" && this.#state === "booting") this.#become("setting_up")
  }

  /** If it ended during set-up, the reason is at best in its log. */
  async #endedItself({ reason = "exit", detail = "It ended by itself." }: EngineEvent, isSettingUp: boolean) {
    const log = isSettingUp ? await this.engine.logTail(this.id).catch(() => "") : ""
    const said = clean(withLines(log)).trim().slice(-5_000)
    await this.#stop(0, reason, said ? `${detail}\n${this.#explained(said)}` : detail)
  }

  stop(graceMs: number): Promise<void> {
    return this.#stop(graceMs, "stopped")
  }

  /** Detaches from it; its predictions keep running. */
  async detach(): Promise<void> {
    this.#ended.abort()
    this.#setUp.abort()
    this.#nudge?.()
    for (const run of this.runs.values()) run.detach()
    this.#journal.close()
    await this.#listener?.close()
  }

  /** Deletes its folder, once the hub has been told of its end. */
  forget(): void {
    this.#journal.close()
    rmSync(this.context.folder, { recursive: true, force: true })
  }

  #become(state: InstanceReport["state"]) {
    this.#state = state
    this.context.changed()
  }

  #weightsOf({ weights }: InstanceSpec): Record<string, string> {
    if (!weights) return {}
    return { COG_WEIGHTS: this.engine.callbackOrigin(this.id) + weightsPath(weights.file, weights.name) }
  }

  async #listen() {
    this.#listener = await listenForCallbacks(this.engine.callbackSocket(this.id), this.#callbacks())
    this.#server = cogServer(this.engine.dispatcher(this.id))
  }

  /** Polls its health until it is gone. */
  async #live() {
    const began = Date.now()
    let [silent, defunct, unwell] = [0, 0, 0]
    let heard = began
    while (!this.#ended.signal.aborted) {
      const health = await this.#server!.health()
      if (this.#ended.signal.aborted) return
      if (health) heard = Date.now()
      else if (Date.now() - heard > silenceMs[this.#state === "setting_up" ? "setting_up" : "ready"]) {
        await this.#reconnect()
        heard = Date.now()
      }
      if (this.#state === "setting_up") await this.#lookAtSetUp(health, began)
      else {
        silent = health ? 0 : silent + 1
        defunct = health?.status === "DEFUNCT" || health?.status === "SETUP_FAILED" ? defunct + 1 : 0
        unwell = health?.status === "UNHEALTHY" && this.runs.size === 0 ? unwell + 1 : 0
        if (health) for (const run of this.runs.values()) run.onHealth(health.status)
        // Its last webhooks may still be in flight.
        if (defunct >= 2)
          await (this.#outOfMemory
            ? this.#stop(0, "oom", "The model exceeded the memory of its hardware.")
            : this.#stop(0, "exit", "The model's process died."))
        else if (silent >= 10) await this.#stop(0, "exit", "The model server stopped responding.")
        else if (unwell >= 3)
          await this.#stop(5_000, "exit", health?.complaint ?? "The model reports that it is unhealthy.")
      }
      await this.#pause(this.#interval(began, silent + defunct > 0))
    }
  }

  /** Restores the connection to a model that does not respond: only the connection may be lost. */
  async #reconnect() {
    if (this.#stopping) return
    this.#reconnecting = this.#restoreConnection()
    await this.#reconnecting
  }

  async #restoreConnection() {
    try {
      if (!(await this.engine.reconnect?.(this.id))) return
      log("warn", "the connection to an instance was lost, and restored", { instance: this.id })
      for (const run of this.runs.values()) run.bePatient(repeatMs)
    } catch (error) {
      log("warn", "the connection to an instance could not be restored", { error, instance: this.id })
    }
  }

  #interval(began: number, isInDoubt: boolean) {
    if (this.#state === "setting_up") return Date.now() - began < 5_000 ? 50 : 500
    if (isInDoubt) return 1_000
    return this.runs.size > 0 ? 2_000 : 5_000
  }

  #pause(ms: number) {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      this.#nudge = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #lookAtSetUp(health: Health | null, began: number) {
    if (health?.slots) this.#slots = health.slots
    if (health?.status === "READY" || health?.status === "BUSY") {
      this.#cogVersion = await this.#server!.version()
      this.#setUpLog = health.setupLogs.slice(0, setupLogLimit)
      this.#setUp.abort()
      if (this.#state !== "setting_up") return
      this.#become("ready")
      this.#saveReady()
    } else if (health?.status === "SETUP_FAILED" || health?.status === "DEFUNCT") {
      const said = health.setupLogs || this.#log.toString()
      await this.#stop(0, "setup", this.#explained(said.slice(-10_000)))
    } else if (Date.now() - began > this.spec.setup_limit * 1000) {
      const said = this.#log.toString().slice(-5_000)
      const limit = `The set-up took longer than ${this.spec.setup_limit} seconds.`
      await this.#stop(0, "setup_limit", said ? `${limit}\n${this.#explained(said)}` : limit)
    }
  }

  /** The error of a failed set-up, with advice where possible. */
  #explained(said: string) {
    if (!said) return "The model's set-up failed without an error message."
    if (this.spec.egress === "internet" || !wantsNetwork.test(said)) return said
    return `${said.trimEnd()}\n\n${noNetwork}`
  }

  /** Sends its log to the hub during set-up. */
  async #followLog() {
    let [waiting, sent, sending] = ["", 0, Promise.resolve()]
    const send = () => {
      const text = waiting
      waiting = ""
      if (text) sending = sending.then(() => this.context.port.setupLog(this.id, text)).catch(() => {})
    }
    const timer = setInterval(send, 200)
    try {
      for await (const text of this.engine.logs(this.id, this.#setUp.signal)) {
        this.#log.append(text)
        if (sent < setupLogLimit) waiting += sent + text.length > setupLogLimit ? "\n[The rest is not kept.]\n" : text
        sent += text.length
      }
    } catch (error) {
      if (!this.#setUp.signal.aborted) log("warn", "a log could not be followed", { error, instance: this.id })
    } finally {
      clearInterval(timer)
      // The engine's log may lag behind. It is not followed further, because logs of predictions come next.
      if (this.#setUpLog && sent < setupLogLimit)
        waiting += missingEnd(this.#log.toString(), this.#setUpLog).slice(0, setupLogLimit - sent)
      send()
    }
  }

  #stop(graceMs: number, reason: Reason, detail?: string): Promise<void> {
    if (this.isGone) return Promise.resolve()
    this.#reason ??= reason
    this.#detail ??= detail
    this.#stopping ??= (async () => {
      this.#become("stopping")
      this.#setUp.abort()
      await this.#reconnecting
      for (let pause = 200; ; pause = Math.min(pause * 2, 5_000))
        try {
          await this.engine.stop(this.id, graceMs)
          break
        } catch (error) {
          log("warn", "an instance could not be stopped", { error, instance: this.id })
          await sleep(pause, undefined, { ref: false })
          if (this.#ended.signal.aborted) return
        }
      await this.#end(reason, detail)
    })()
    return this.#stopping
  }

  /** Cleans up after it is gone. */
  async #end(reason: Reason, detail?: string) {
    if (this.isGone) return
    this.#reason ??= reason
    this.#detail ??= detail
    this.#ended.abort()
    this.#setUp.abort()
    this.#nudge?.()
    const why = { oom: "the model ran out of memory.", stopped: "its instance was stopped." }[reason as string]
    for (const run of this.runs.values()) run.interrupt(why ?? `its instance ended. ${detail ?? ""}`.trim())
    await this.#listener?.close()
    if (!this.#stopping) await this.engine.stop(this.id, 0).catch(() => {})
    this.#become("gone")
  }

  #addRun(order: SavedRun["order"]): Run {
    const { port, engine } = this.context
    const { id } = this
    const run = new Run(order, {
      server: this.#server ?? cogServer(this.engine.dispatcher(this.id)),
      origin: this.engine.callbackOrigin(this.id),
      folder: this.context.folder,
      slots: () => this.#slots,
      progress: (progress) => port.progress(this.id, order.id, progress),
      putOutput: (output, body) => port.putOutput(this.id, order.id, output, body),
      openFile: (path) => this.engine.openFile?.(this.id, path) ?? null,
      save: (run) => this.#journal.save(run),
      over: () => {
        this.runs.delete(order.id)
        this.#journal.forget(order.id)
        if (run.wasReturned) this.#returned.set(order.id, this.context.reports())
        else this.#past.set(order.id, true)
        this.context.changed()
      },
      stopInstance: () => void this.#stop(0, "stopped", "A prediction that was cancelled did not end."),
      async hint() {
        return /Out of range float values|InvalidJSONError/.test(await engine.logTail(id)) ? notNumbersError : null
      },
    })
    this.runs.set(order.id, run)
    return run
  }

  #callbacks(): Callbacks {
    const { port } = this.context
    // Some servers do not say which prediction a file belongs to: the one that names it in its output gets it.
    const runOf = (prediction: string | null) =>
      prediction === null ? [...this.runs.values()].find(({ isOver }) => !isOver) : this.runs.get(prediction)
    const required = (prediction: string | null) => {
      const run = runOf(prediction)
      if (!run || run.isOver) throw new Error("There is no such prediction here.")
      return run
    }
    return {
      snapshot: async (prediction, snapshot) => this.runs.get(prediction)?.received(snapshot),
      unreadable: (prediction, why) => this.runs.get(prediction)?.unreadable(why),
      cut: async (prediction, file, body) => required(prediction).cut(file, body),
      upload: async (prediction, file, body) => required(prediction).upload(file, body),
      input: async (prediction, file) => {
        if (prediction === null ? this.spec.weights?.file !== file : !this.runs.has(prediction)) return null
        return port.openInput(this.id, prediction, file).catch((error: unknown) => {
          if (prediction !== null && error instanceof Problem && error.kind === "unprocessable")
            this.runs.get(prediction)?.inputFailed(file, error.message)
          return null
        })
      },
      arriving: (prediction, change) => runOf(prediction)?.arriving(change),
    }
  }

  /** Without it, the instance is only asked once more after a restart. */
  #saveReady() {
    try {
      this.#saveSpec()
    } catch (error) {
      log("warn", "it could not be saved that an instance is ready", { error, instance: this.id })
    }
  }

  /** Throws if it cannot be written. */
  #saveSpec() {
    // The rest of the order is only needed at the start, and partly secret.
    const { id, image, mode, weights, hardware, memory_mb, cpus, gpus, egress, setup_limit, slots } = this.spec
    const saved: SavedInstance = {
      spec: { id, image, mode, weights, hardware, memory_mb, cpus, gpus, egress, setup_limit, slots },
      engine: this.engine.name,
      ready: this.#state === "ready",
      ...(this.#cogVersion && { cog_version: this.#cogVersion }),
    }
    makeFolderSync(this.context.folder)
    replaceFileSync(join(this.context.folder, "instance.json"), JSON.stringify(saved))
  }
}

/** Reads the saved state of an instance; null when there is none or it is unreadable. */
export function readSavedInstance(folder: string): SavedInstance | null {
  try {
    return JSON.parse(readFileSync(join(folder, "instance.json"), "utf8"))
  } catch {
    return null
  }
}
