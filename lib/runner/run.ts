import { createHash } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as sleep } from "node:timers/promises"

import { now } from "@/lib/clock"
import { log } from "@/lib/log"
import { inputFolder, inputPath, webhookPath } from "./callbacks"
import type { CogServer, Health } from "./cog"
import type { Progress, RunOrder } from "./port"
import { finalSnapshot, isTerminal, merge, nothingKnown, notNumbersError, type Known, type Snapshot } from "./snapshot"

/** The state of a run on disk, for resuming after a restart. */
export type SavedRun = {
  order: Omit<RunOrder, "input">
  /** When it was sent to the model server. */
  started_at?: string
  /** What the hub has not acknowledged yet. */
  final?: Progress
}

/** What a run needs of its instance. */
export type RunContext = {
  server: CogServer
  origin: string
  slots(): number
  /** A folder for temporary files. */
  folder: string
  progress(progress: Progress): Promise<void>
  putOutput(file: { name: string; content_type: string }, body: Readable): Promise<{ url: string }>
  /** Reads a file inside the instance; null where the engine cannot. */
  openFile(path: string): Promise<{ body: Readable }> | null
  save(run: SavedRun): void
  /** The hub has acknowledged the end. */
  over(): void
  /** Stops the instance, because the prediction does not end otherwise. */
  stopInstance(): void
  /** The reason in the container's log why a prediction went missing. */
  hint(): Promise<string | null>
}

/** How long a model has to end a cancelled prediction. Stopping its instance must fit into ten seconds as well. */
const cancelGraceMs = 8_000

/** How long a prediction is held back after the server rejected it for lack of a free slot. */
const pauseBeforeReturn = 500

/** One prediction in one instance, from the order until the hub has acknowledged the end. */
export class Run {
  readonly id: string
  #known: Known = nothingKnown
  #began = performance.now()
  #handing: Promise<void> = Promise.resolve()
  /** The model may have started it. */
  #begun = false
  #started_at: string | undefined
  #final: Progress | undefined
  #changed = false
  #delivering = false
  #detached = false
  #cancelled: { error?: string } | undefined
  #unreadable: string | undefined
  #uploads = 0
  readonly #uploaded = new Map<string, number>()
  readonly #brokenUploads = new Map<string, string>()
  readonly #failedInputs = new Map<string, string>()
  readonly #paths = new Map<string, Promise<string>>()
  readonly #files = new Map<string, { digest: string; url: string }>()
  #arriving = 0
  #readyPolls = 0
  /** Not considered lost before this time: a server retries its final webhook for minutes. */
  #patientUntil = 0
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(
    private readonly order: Omit<RunOrder, "input">,
    private readonly context: RunContext,
  ) {
    this.id = order.id
  }

  get isOver() {
    return this.#final !== undefined
  }

  get wasReturned() {
    return this.#final?.returned === true
  }

  /** Sends it to the model server. */
  start(input: Record<string, unknown>): void {
    this.#begun = true
    this.#started_at = now()
    this.#began = performance.now()
    try {
      this.#save()
    } catch (error) {
      // Saved first: otherwise it could be started twice.
      log("warn", "a prediction could not be saved, and goes back", { error, prediction: this.id })
      this.#begun = false
      return void this.#return()
    }
    // Before the request: a death in between counts as a start.
    log("debug", "a prediction is sent to a model", { prediction: this.id })
    this.#handing = this.#hand(withAddresses(input, this.order, this.context.origin))
  }

  /** Resumes a prediction sent before a restart. */
  resume(saved: SavedRun, patienceMs: number): void {
    this.#begun = saved.started_at !== undefined
    this.#started_at = saved.started_at
    if (saved.started_at) this.#began = performance.now() - (Date.now() - Date.parse(saved.started_at))
    this.bePatient(patienceMs)
    if (saved.final) {
      this.#final = saved.final
      this.#tell()
    } else this.#limitTime()
  }

  /** The model server could not reach us for a while, and retries. */
  bePatient(ms: number): void {
    this.#patientUntil = Math.max(this.#patientUntil, performance.now() + ms)
  }

  async #hand(input: Record<string, unknown>) {
    const { id, operation, created_at } = this.order
    const webhook = this.context.origin + webhookPath(id)
    const handed = await this.context.server.send({ id, operation, input, created_at, webhook })
    if (this.#final) return
    if (handed.taken === true || handed.taken === "perhaps") {
      this.#limitTime()
      if (handed.taken === true) {
        this.#known = merge(this.#known, { status: "processing", ...handed.snapshot })
        this.#tell()
      }
      return
    }
    await this.#refused(handed)
  }

  async #refused({ status, message }: { status: number; message: string }) {
    if (this.#known.status) return
    this.#began = performance.now()
    if (status === 0 || status === 409 || status === 503) return this.#return()
    if (status === 422) return this.#fail(message || "The model rejected the input without a reason.")
    // An unhealthy server responds to everything with 404 or 500.
    const health = await this.context.server.health()
    if (health?.status !== "READY" && health?.status !== "UNHEALTHY") return this.#return()
    if (status === 404 && this.order.operation === "train") return this.#fail("This version has no train function.")
    this.#fail(`The model server answered ${status}${message ? `: ${message}` : "."}`)
  }

  /**
   * Returns it to the queue, because the server has no free slot or is gone. Delayed, because it would otherwise come
   * back immediately.
   */
  async #return() {
    if (this.#started_at) await sleep(pauseBeforeReturn, undefined, { ref: false })
    if (this.#cancelled) return this.#end({ status: "canceled", ...this.#cancelled })
    log("debug", "a prediction goes back to the queue", { prediction: this.id })
    this.#finish({ status: "processing", returned: true })
  }

  async received(said: Snapshot): Promise<void> {
    if (this.#final) return
    this.#readyPolls = 0
    const snapshot = this.order.gives_files ? await this.#withFiles(said) : said
    if (this.#final) return
    this.#known = merge(this.#known, snapshot)
    if (isTerminal(this.#known.status)) this.#end()
    else this.#tell()
  }

  unreadable(why: string): void {
    if (this.#final) return
    this.#unreadable = `The model's response is invalid. ${why}`
    // Once over its limit, it only grows.
    if (/larger|deep/.test(why)) {
      this.#fail(this.#unreadable)
      void this.context.server.cancel(this.id)
    }
  }

  arriving(change: 1 | -1): void {
    this.#arriving += change
    this.#readyPolls = 0
  }

  /** Stores an uploaded output file. A broken upload that is not retried fails the run. */
  async upload(file: { name: string; content_type: string }, body: Readable): Promise<string> {
    const number = ++this.#uploads
    try {
      const { url } = await this.context.putOutput(file, body)
      this.#uploaded.set(file.name, Math.max(number, this.#uploaded.get(file.name) ?? 0))
      this.#brokenUploads.delete(file.name)
      return url
    } catch (error) {
      // The break may be noticed only after the retry.
      if ((this.#uploaded.get(file.name) ?? 0) < number) this.#brokenUploads.set(file.name, (error as Error).message)
      throw error
    }
  }

  /** The model gets 404 for this file, and only the URL at which it read it. */
  inputFailed(file: string, why: string): void {
    this.#failedInputs.set(file, why)
  }

  /** Why the input file is not available that the model's error names. */
  #whyNoInput(error: string | undefined): string | undefined {
    const named = [...this.#failedInputs].find(([file]) => error?.includes(inputFolder(this.id, file)))
    return named?.[1]
  }

  /** Stores a file inside a snapshot. The next snapshot contains it again, in the same place. */
  async cut({ type, place }: { type: string; place: string }, body: Readable): Promise<string> {
    const known = this.#files.get(place)
    const name = nameOf(place, type)
    const hash = createHash("sha256")
    const hashed = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk)
        yield chunk
      }
    }
    if (!known) {
      const url = await this.upload({ name, content_type: type }, Readable.from(hashed(body), { objectMode: false }))
      this.#files.set(place, { digest: hash.digest("hex"), url })
      return url
    }
    const copy = join(this.context.folder, `again-${this.id}`)
    try {
      await pipeline(body, hashed, createWriteStream(copy))
      const digest = hash.digest("hex")
      if (digest === known.digest) return known.url
      const url = await this.upload({ name, content_type: type }, createReadStream(copy))
      this.#files.set(place, { digest, url })
      return url
    } finally {
      await rm(copy, { force: true })
    }
  }

  /** Without an upload URL, Cog's Python server returns paths of files. */
  async #withFiles(snapshot: Snapshot): Promise<Snapshot> {
    const fetched = async (value: unknown): Promise<unknown> => {
      if (typeof value === "string") return isPath(value) ? await this.#fetched(value) : value
      if (Array.isArray(value)) return Promise.all(value.map(fetched))
      if (value === null || typeof value !== "object") return value
      const entries = Object.entries(value).map(async ([key, item]) => [key, await fetched(item)] as const)
      return Object.fromEntries(await Promise.all(entries))
    }
    return "output" in snapshot ? { ...snapshot, output: await fetched(snapshot.output) } : snapshot
  }

  #fetched(path: string): Promise<string> {
    const known = this.#paths.get(path) ?? this.#fetch(path)
    this.#paths.set(path, known)
    return known
  }

  async #fetch(path: string): Promise<string> {
    const name = basename(path)
    try {
      const file = await this.context.openFile(path)
      if (!file) throw new Error("it is a path inside the instance, which cannot be reached")
      return await this.upload({ name, content_type: typeOf(name) }, file.body)
    } catch (error) {
      this.#brokenUploads.set(name, (error as Error).message)
      return path
    }
  }

  /** Asks the model to cancel, and stops the instance if it does not. */
  cancel(why: { error?: string } = {}): void {
    if (this.#final || this.#cancelled) return
    this.#cancelled = why
    void this.#makeEnd()
  }

  async #makeEnd() {
    await this.#handing
    if (this.#final) return
    this.#later(cancelGraceMs, () => this.context.stopInstance())
    await this.context.server.cancel(this.id)
  }

  /**
   * Handles a health status. A ready or unhealthy server with a single slot is idle: the second such status without a
   * reported end means that the prediction is lost.
   */
  onHealth(health: Health["status"]): void {
    if (this.#final || !this.#begun) return
    const mayTell = this.#arriving > 0 || performance.now() < this.#patientUntil || this.context.slots() > 1
    if (health === "BUSY" || mayTell) this.#readyPolls = 0
    else if (health === "READY" || health === "UNHEALTHY") this.#readyPolls++
    if (this.#readyPolls === 2) void this.#lost()
  }

  async #lost() {
    const hint = await this.context.hint().catch(() => null)
    // Its final webhook may have just arrived.
    if (this.#readyPolls < 2) return
    if (hint && !this.#cancelled) this.#fail(hint)
    else this.interrupt("the model server is idle and has not said how it ended.")
  }

  /** The instance has ended, or no longer knows the prediction. */
  interrupt(why: string): void {
    if (this.#final) return
    if (this.#cancelled) return this.#end({ status: "canceled", ...this.#cancelled })
    if (!this.#begun) return void this.#return()
    this.#fail(this.#unreadable ?? `Prediction interrupted: ${why}`)
  }

  /** Detaches without ending it: the runner closes, the model keeps running. */
  detach(): void {
    this.#detached = true
    this.#stopTimers()
  }

  #stopTimers() {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #fail(error: string) {
    if (this.#final) return
    this.#end({ status: "failed", error })
  }

  #end(forced?: { status: "failed" | "canceled"; error?: string }) {
    const broken = [...this.#brokenUploads].map(([name, why]) => `${name} (${why})`)
    const known = forced ? { ...this.#known, ...forced } : this.#known
    let error: string | undefined
    if (!forced && known.notNumbers) error = notNumbersError
    else if (!forced && known.status === "succeeded" && broken.length > 0)
      error = `Output upload failed: ${broken.join(", ")}.`
    else if (!forced && known.status === "failed") error = this.#whyNoInput(known.error)
    const {
      status,
      output,
      logs,
      metrics,
      error: why,
    } = finalSnapshot(known, {
      seconds: (performance.now() - this.#began) / 1000,
      ...(error !== undefined && { error }),
    })
    this.#finish({
      status: status!,
      output: output ?? null,
      logs,
      error: why ?? this.#cancelled?.error ?? null,
      ...(metrics && { metrics }),
      ...(this.#started_at && { started_at: this.#started_at }),
      completed_at: now(),
    })
  }

  #finish(final: Progress) {
    if (this.#final) return
    this.#stopTimers()
    this.#final = final
    try {
      this.#save()
    } catch (error) {
      log("warn", "the end of a prediction could not be saved", { error, prediction: this.id })
    }
    this.#tell()
  }

  #save() {
    const { id, operation, files, created_at, time_limit_ms, gives_files } = this.order
    this.context.save({
      order: { id, operation, files, created_at, time_limit_ms, ...(gives_files && { gives_files }) },
      ...(this.#started_at && { started_at: this.#started_at }),
      ...(this.#final && { final: this.#final }),
    })
  }

  #limitTime() {
    const limit = this.order.time_limit_ms
    const left = limit - (performance.now() - this.#began)
    this.#later(left, () => this.cancel({ error: `The time limit of ${inWords(limit)} was reached.` }))
  }

  #later(ms: number, work: () => void) {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        work()
      },
      Math.min(Math.max(0, ms), 2 ** 31 - 1),
    )
    timer.unref()
    this.#timers.add(timer)
  }

  /**
   * Sends progress to the hub, one call at a time, always the latest state; the last one is retried until it succeeds.
   */
  #tell() {
    this.#changed = true
    if (this.#delivering) return
    this.#delivering = true
    void this.#deliver().finally(() => (this.#delivering = false))
  }

  async #deliver() {
    for (let pause = 100; this.#changed && !this.#detached;) {
      this.#changed = false
      const progress = this.#final ?? this.#progress()
      try {
        await this.context.progress(progress)
        if (progress === this.#final) return this.context.over()
      } catch {
        if (progress !== this.#final) continue
        await sleep(pause, undefined, { ref: false })
        pause = Math.min(pause * 2, 5_000)
        this.#changed = true
      }
    }
  }

  #progress(): Progress {
    const { output, logs } = this.#known
    return {
      status: "processing",
      ...(output !== undefined && { output }),
      logs,
      ...(this.#started_at && { started_at: this.#started_at }),
    }
  }
}

/** Replaces every string of an input that names a file by the URL at which the model reads it. */
function withAddresses(value: any, order: Omit<RunOrder, "input">, origin: string): any {
  if (typeof value === "string") {
    const file = Object.hasOwn(order.files, value) ? order.files[value] : undefined
    return file ? origin + inputPath(order.id, value, file.name) : value
  }
  if (Array.isArray(value)) return value.map((item) => withAddresses(item, order, origin))
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withAddresses(item, order, origin)]))
}

const isPath = (text: string) => /^\/(?!\/)[^\0\n]{1,4096}$/.test(text)

const extensions: Record<string, string> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/svg+xml": "svg",
  "text/plain": "txt",
  "audio/mpeg": "mp3",
  "audio/x-wav": "wav",
  "audio/wav": "wav",
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "application/octet-stream": "bin",
  "application/x-tar": "tar",
  "application/gzip": "gz",
}

const typeOf = (name: string) =>
  Object.entries(extensions).find(([, extension]) => name.toLowerCase().endsWith(`.${extension}`))?.[0] ??
  "application/octet-stream"

/** A name for a file without one, from its place in the output: "output.png", "output-0.png", "weights.tar". */
function nameOf(place: string, type: string) {
  const [subtype] = (type.split("/")[1] ?? "").split("+")
  const extension = extensions[type] ?? (/^[a-z0-9-]{1,10}$/i.test(subtype!) ? subtype!.replace(/^x-/, "") : "bin")
  const parts = place.split(".")
  const within = parts.slice(1).join("-")
  const base = /^\d*$/.test(within) ? ["output", within].filter(Boolean).join("-") : within
  return `${base.replace(/[^\w-]/g, "_").slice(0, 60)}.${extension}`
}

function inWords(ms: number) {
  const seconds = Math.round(ms / 1000)
  if (seconds % 60 !== 0 || seconds === 0) return `${seconds} second${seconds === 1 ? "" : "s"}`
  return `${seconds / 60} minute${seconds === 60 ? "" : "s"}`
}
