import path from "node:path"

/** A function that runs in a thread of its own, known by the module that exports it. */
export type Task<I, O> = { module: string; name: string; types?: (input: I) => O }

/**
 * Names a function for `runInWorker`. Node loads its module as it is, outside of every bundle and relative to the project's folder: it may
 * import packages and types, and nothing else of ours.
 */
export const defineTask = <I, O>(module: string, name: string): Task<I, Awaited<O>> => ({ module, name })

export type Budget = {
  /** Milliseconds of processor time that the function may take; of a clock where Node cannot tell the two apart. */
  deadlineMs: number
  /** What it may have in memory, beside its input and output. */
  memoryMb?: number
}

/** A task took more time or memory than it may, or had to wait too long for a thread. */
export class OverBudget extends Error {
  override name = "OverBudget"
  constructor(readonly of: "time" | "memory" | "queue") {
    super(`A task in a worker thread took too much ${of}.`)
  }
}

/** Two threads keep one that is stuck until its deadline from holding up everybody else. */
const mostThreads = 2
const mostWaiting = 200
/** Reading a module from a slow disk is no fault of the task. */
const loadingMs = 30_000
/** A thread that nobody needs costs some ten megabytes. */
const idleMs = 10_000

/** On a busy machine a thread gets little of the processor, and yet nobody waits for ever. */
const patience = 10

/** What a thread says: how much of the processor it had when the task began, and then what came of it. */
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
 * Runs a function on what a stranger sent, where it can be stopped: in a thread with a deadline and a limit of memory, and without the
 * environment. Throws `OverBudget`, or what the function throws. The server goes on answering meanwhile.
 */
export function runInWorker<I, O>(task: Task<I, O>, input: I, { deadlineMs, memoryMb = 48 }: Budget): Promise<O> {
  return new Promise((resolve, reject) => {
    const { waiting } = pool()
    if (waiting.length >= mostWaiting) return reject(new OverBudget("queue"))
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
  if (busy >= mostThreads) return
  const job = waiting.shift()
  if (!job) return
  const fitting = idle.findIndex(({ memoryMb }) => memoryMb === job.budget.memoryMb)
  const thread = fitting < 0 ? startThread(job.budget.memoryMb) : idle.splice(fitting, 1)[0]!
  pool().busy++
  const reusable = await thread.run(job)
  const now = pool()
  now.busy--
  if (reusable) now.idle.push(thread)
  if (now.idle.length > mostThreads) now.idle.shift()?.end()
  void startWaiting()
}

function startThread(memoryMb: number): Thread {
  // Asked for at run time, so that no bundler takes the thread's file into a bundle.
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

  /** Looks again as long as the task has not had its time, because the thread may have had to wait for the processor. */
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

/** What a thread had of the processor so far; `otherwise` where Node cannot tell. */
async function processorMs(worker: unknown, otherwise: number): Promise<number> {
  const usage = await (worker as Measured).cpuUsage?.().catch(() => undefined)
  return usage ? (usage.user + usage.system) / 1000 : otherwise
}
