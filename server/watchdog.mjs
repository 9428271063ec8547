// Ends a server whose event loop stands still, so that whoever supervises it starts it again: no single request may cost more than that.
import { Worker } from "node:worker_threads"

/**
 * Has a thread of its own watch this one. When it stands still for longer than `seconds`, the thread writes to the log where it stands, and ends
 * the process. The answer ends the watch.
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
