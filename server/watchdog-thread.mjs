// See watchdog.mjs.
import { writeSync } from "node:fs"
import { Session } from "node:inspector"
import { workerData } from "node:worker_threads"
import { lineOf, logs } from "./log.mjs"

const { beats, seconds } = workerData

let last = -1
let missed = 0

// Counted in checks, not by the clock: a machine that was suspended for an hour was not blocked.
const looking = setInterval(async () => {
  const now = Atomics.load(beats, 0)
  missed = now === last ? missed + 1 : 0
  last = now
  if (missed < seconds * 2) return
  clearInterval(looking)
  say(await stackOfMain())
  process.kill(process.pid, "SIGKILL")
}, 500)

/** Writes to the file directly: a thread's other writes pass through the main thread, which is blocked. */
function say(stack) {
  if (!logs("fatal")) return
  const line = lineOf("fatal", "the event loop was blocked; ending the process", { seconds, stack })
  try {
    writeSync(1, line)
  } catch {
    // If nobody reads stdout, the process ends anyway.
  }
}

/** The current stack of the main thread. Not available while it is in native code, such as a query. */
function stackOfMain() {
  return new Promise((resolve) => {
    setTimeout(resolve, 2000, "in native code")
    const session = new Session()
    session.connectToMainThread()
    session.on("Debugger.paused", ({ params }) =>
      resolve(
        params.callFrames
          .slice(0, 30)
          .map(({ functionName, url, location }) => {
            const { lineNumber, columnNumber = 0 } = location
            return `at ${functionName || "(anonymous)"} (${url}:${lineNumber + 1}:${columnNumber + 1})`
          })
          .join("\n"),
      ),
    )
    session.post("Debugger.enable")
    session.post("Debugger.pause")
  })
}
