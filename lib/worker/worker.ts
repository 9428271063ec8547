import path from "node:path"

/** A function that runs in its own thread, identified by the module that exports it. */
export type Task<I, O> = { module: string; name: string; types?: (input: I) => O }

/**
 * Declares a function for `runInWorker`. Node loads its module directly, without a bundler and relative to the project
 * folder: it may import packages and types, but none of our other modules.
 */
export const defineTask = <I, O>(module: string, name: string): Task<I, Awaited<O>> => ({ module, name })

export type Budget = {
  /** Milliseconds of CPU time; of wall-clock time where Node cannot measure CPU time per thread. */
  deadlineMs: number
  /** Memory limit, in addition to input and output. */
  memoryMb?: number
}

/** A task exceeded its time or memory limit, or waited too long for a thread. */
export class OverBudget extends Error {
  override name = "OverBudget"
  constructor(readonly of: "time" | "memory" | "queue") {
    super(`A task in a worker thread took too much ${of}.`)
  }
}

/** With two threads, one stuck until its deadline does not block everybody else. */
const maxThreads = 2
const maxWaiting = 200
/** Loading a module from a slow disk does not count against the task. */
const loadingMs = 30_000
/** An idle thread costs about ten megabytes. */
const idleMs = 10_000

/** Wall-clock limit, for when a busy machine gives a thread little CPU time. */
const patience = 10

/** Messages of a thread: its CPU time when the task began, then the result. */
type Message = { began: number } | { value: unknown } | { error: unknown }
type Job = {
  task: Task<never, unknown>
  input: unknown
  budget: Required<Budget>
  resolve: (value: never) => void
  reject: (reason: unknown) => void
}
type Thread = {
  memoryMb: number
  run(job: Job): Promise<boolean>
  end(): void
}

/**
 * Runs a function on untrusted data: in a thread with a deadline, a memory limit and no environment, without blocking
 * the server. Throws `OverBudget`, or what the function throws.
 */
export function runInWorker<I, O>(task: Task<I, O>, input: I, { deadlineMs, memoryMb = 48 }: Budget): Promise<O> {
  return new Promise((resolve, reject) => {
    const { waiting } = pool()
    if (waiting.length >= maxWaiting) return reject(new OverBudget("queue"))
    waiting.push({ task, input, budget: { deadlineMs, memoryMb }, resolve, reject })
    void startWaiting()
  })
}

type Pool = { idle: Thread[]; waiting: Job[]; busy: number }
const key = Symbol.for("understudy.workers")
const slot = globalThis as typeof globalThis & { [key]?: Pool }
const pool = (): Pool => (slot[key] ??= { idle: [], waiting: [], busy: 0 })

async function startWaiting() {
  const { idle, waiting, busy } = pool()
  if (busy >= maxThreads) return
  const job = waiting.shift()
  if (!job) return
  const fitting = idle.findIndex(({ memoryMb }) => memoryMb === job.budget.memoryMb)
  const thread = fitting < 0 ? startThread(job.budget.memoryMb) : idle.splice(fitting, 1)[0]!
  pool().busy++
  const reusable = await thread.run(job)
  const now = pool()
  now.busy--
  if (reusable) now.idle.push(thread)
  if (now.idle.length > maxThreads) now.idle.shift()?.end()
  void startWaiting()
}

function startThread(memoryMb: number): Thread {
  // Resolved at run time, so that no bundler includes the thread's file.
  const { Worker } = process.getBuiltinModule("node:worker_threads")
  const worker = new Worker(path.resolve("lib/worker/thread.mjs"), {
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 8 },
  })
  let alive = true
  let clock: NodeJS.Timeout | undefined
  let current: { job: Job; ended(reusable: boolean): void } | undefined

  function end() {
    alive = false
    clearTimeout(clock)
    pool().idle = pool().idle.filter((one) => one !== thread)
    void worker.terminate()
  }

  function answer(outcome: { value: unknown } | { error: unknown }) {
    if (!current) return
    const { job, ended } = current
    current = undefined
    clearTimeout(clock)
    worker.unref()
    if ("value" in outcome) job.resolve(outcome.value as never)
    else job.reject(outcome.error)
    if (alive) clock = setTimeout(end, idleMs).unref()
    ended(alive)
  }

  function fail(error: unknown) {
    end()
    answer({ error })
  }

  /** Checks again until the task has used its CPU time, because the thread may have had to wait for a processor. */
  function awaitDeadline(began: number, { deadlineMs }: Budget) {
    const [running, until] = [current, performance.now() + deadlineMs * patience]
    const look = async () => {
      const left = began + deadlineMs - (await processorMs(worker, began + deadlineMs))
      if (current !== running) return
      if (left <= 0 || performance.now() > until) fail(new OverBudget("time"))
      else clock = setTimeout(look, Math.max(left, 10))
    }
    clearTimeout(clock)
    clock = setTimeout(look, deadlineMs)
  }

  worker.on("message", (message: Message) => {
    if ("began" in message) {
      if (current) awaitDeadline(message.began, current.job.budget)
    } else answer(message)
  })
  worker.on("error", (error: Error & { code?: string }) =>
    fail(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? new OverBudget("memory") : error),
  )
  worker.on("exit", () => fail(new Error("A worker thread ended before its task.")))

  const thread: Thread = {
    memoryMb,
    end,
    run: (job) =>
      new Promise((ended) => {
        current = { job, ended }
        clearTimeout(clock)
        clock = setTimeout(() => fail(new Error("A worker thread could not load its task.")), loadingMs)
        worker.ref()
        worker.postMessage({ ...job.task, module: path.resolve(job.task.module), input: job.input })
      }),
  }
  return thread
}

type Measured = { cpuUsage?(): Promise<{ user: number; system: number }> }

/** The CPU time of a thread so far; `otherwise` where Node cannot measure it. */
async function processorMs(worker: unknown, otherwise: number): Promise<number> {
  const usage = await (worker as Measured).cpuUsage?.().catch(() => undefined)
  return usage ? (usage.user + usage.system) / 1000 : otherwise
}
