// Ends a server whose event loop is blocked, so that its supervisor restarts it: the upper bound on what a single
// request can cost.
import { Worker } from "node:worker_threads"

/**
 * Starts a thread that watches this one. If this one is blocked for longer than `seconds`, the thread logs its stack
 * and ends the process. Returns a function that stops the watchdog.
 */
export function watch({ seconds = 10 } = {}) {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const beating = setInterval(() => Atomics.add(beats, 0, 1), 200)
  beating.unref()
  const thread = new Worker(new URL("watchdog-thread.mjs", import.meta.url), {
    workerData: { beats, seconds },
    execArgv: [],
    env: { LOG_LEVEL: process.env.LOG_LEVEL },
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  })
  thread.unref()
  return () => {
    clearInterval(beating)
    void thread.terminate()
  }
}
