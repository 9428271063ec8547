// Keeps a server running: one that crashes is restarted, with increasing delays if it crashes soon again.
import { spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"

/** Seconds before the next start. */
const longestWait = 60
/**
 * A server that ran for this many seconds did not crash for the same reason as the previous one; the delays start over.
 */
const goodRun = 600
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/**
 * Starts a script and restarts it whenever it ends unexpectedly. It sends "ready" once it serves, and "leaving" when
 * somebody else asked it to stop. Resolves with the exit code if it was asked to stop, or if it never started serving:
 * that needs somebody to fix the cause.
 * @param {string} script
 * @param {{ flags?: string[], wait?: number }} [options] `flags` are for Node; `wait` is the first wait in seconds
 * @returns {Promise<number>}
 */
export async function supervise(script, { flags = [], wait: firstWait = 1 } = {}) {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child
  let asked = false
  const stopping = new AbortController()
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]))
    process.on(signal, () => {
      asked = true
      stopping.abort()
      child?.kill(signal)
    })

  let [served, wait] = [false, firstWait]
  for (;;) {
    const began = performance.now()
    // In a separate process group, because Ctrl-C in a terminal reaches the whole group: the server would get the
    // signal twice.
    child = spawn(process.execPath, [...flags, script], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    })
    child.on("message", (message) => {
      served ||= message === "ready"
      asked ||= message === "leaving"
    })
    const { code, signal } = await ended(child)
    const exitCode = code ?? 128 + (signalNumbers[/** @type {keyof typeof signalNumbers} */ (signal)] ?? 0)
    if (asked || !served) return exitCode

    if (performance.now() - began > goodRun * 1000) wait = firstWait
    console.error(`The server ended (${signal ?? `exit code ${code}`}). It starts again in ${wait} s.`)
    await sleep(wait * 1000, undefined, { signal: stopping.signal }).catch(() => {})
    if (stopping.signal.aborted) return 0
    wait = Math.min(longestWait, wait * 2)
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<{ code: number | null, signal: string | null }>}
 */
const ended = (child) =>
  new Promise((resolve) => {
    child.once("error", () => resolve({ code: 1, signal: null }))
    child.once("exit", (code, signal) => resolve({ code, signal }))
  })
