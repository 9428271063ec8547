import path from "node:path"

/** A function that runs in a thread of its own, known by the module that exports it. */
export type Task<I, O> = { module: string; name: string; types?: (input: I) => O }

/**
 * Names a function for `runInWorker`. Node loads its module as it is, outside of every bundle and relative to the project's folder: it may
 * import packages and types, and nothing else of ours.
 */
export const defineTask = <I, O>(module: string, name: string): Task<I, Awaited<O>> => ({ module, name })

export type Budget = {
  /** Milliseconds that the function may take. */
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

type Answer = { began?: true; value?: unknown; error?: unknown }
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
  let timer: NodeJS.Timeout | undefined
  let settle: ((answer: Answer | OverBudget) => void) | undefined
  const startClock = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => settle?.(new OverBudget("time")), ms)
  }
  worker.on("error", (error: Error & { code?: string }) =>
    settle?.(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? new OverBudget("memory") : { error }),
  )
  worker.on("exit", () => settle?.({ error: new Error("A worker thread ended before its task.") }))

  const end = () => {
    clearTimeout(timer)
    const { idle } = pool()
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1)
    void worker.terminate()
  }
  const thread: Thread = {
    memoryMb,
    end,
    run: ({ task, input, budget, resolve, reject }) =>
      new Promise((ended) => {
        settle = (answer) => {
          if (!(answer instanceof OverBudget) && answer.began) return startClock(budget.deadlineMs)
          settle = undefined
          clearTimeout(timer)
          worker.unref()
          if (answer instanceof OverBudget) {
            end()
            reject(answer)
            return ended(false)
          }
          if ("value" in answer) resolve(answer.value as never)
          else reject(answer.error)
          timer = setTimeout(end, idleMs).unref()
          ended(true)
        }
        worker.removeAllListeners("message").on("message", settle)
        worker.ref()
        startClock(loadingMs)
        worker.postMessage({ ...task, module: path.resolve(task.module), input })
      }),
  }
  return thread
}
